/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BUS_H
#define BUS_H
struct qstr;
unsigned int toy_name_length(const struct qstr *name);
#endif
