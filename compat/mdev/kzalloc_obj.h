/* SPDX-License-Identifier: GPL-2.0-only */
/* kzalloc_obj(): memory for one object, named by its type or by a variable of it */
#ifndef COMPAT_KZALLOC_OBJ_H
#define COMPAT_KZALLOC_OBJ_H

#include <linux/slab.h>

#define kzalloc_obj(object) kzalloc(sizeof(object), GFP_KERNEL)

#endif /* COMPAT_KZALLOC_OBJ_H */
