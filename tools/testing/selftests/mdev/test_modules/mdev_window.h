/* SPDX-License-Identifier: GPL-2.0-only */
/* Interface of mdev_window.ko for mdev_test.ko */
#ifndef MDEV_WINDOW_H
#define MDEV_WINDOW_H

struct kobject;

int mdev_window_hold(struct kobject *kobj, unsigned int delay);

#endif /* MDEV_WINDOW_H */
