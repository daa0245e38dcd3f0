/* SPDX-License-Identifier: GPL-2.0-only */
/* __counted_by(): names the member that holds the length of a flexible array */
#ifndef COMPAT_COUNTED_BY_H
#define COMPAT_COUNTED_BY_H

#define __counted_by(member)

#endif /* COMPAT_COUNTED_BY_H */
