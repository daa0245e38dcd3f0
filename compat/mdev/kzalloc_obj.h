/* SPDX-License-Identifier: GPL-2.0-only */
/* kzalloc_obj(): allocate one zeroed object of the type of the argument */
#ifndef COMPAT_KZALLOC_OBJ_H
#define COMPAT_KZALLOC_OBJ_H

#include <linux/slab.h>

#define kzalloc_obj(object) kzalloc(sizeof(object), GFP_KERNEL)

#endif /* COMPAT_KZALLOC_OBJ_H */
