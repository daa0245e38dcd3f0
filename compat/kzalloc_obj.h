/* SPDX-License-Identifier: GPL-2.0-only */
/* kzalloc_obj(): memory for one object, named by its type or by a variable of it, for GFP_KERNEL or as said */
#ifndef COMPAT_KZALLOC_OBJ_H
#define COMPAT_KZALLOC_OBJ_H

#include <linux/slab.h>

#define compat_second(first, second, ...) second
#define kzalloc_obj(object, ...) \
	kzalloc(sizeof(object), compat_second(0, ##__VA_ARGS__, GFP_KERNEL))

#endif /* COMPAT_KZALLOC_OBJ_H */
