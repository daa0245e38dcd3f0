/* SPDX-License-Identifier: GPL-2.0-only */
/* kzalloc_obj(): allocate one zeroed object of the type of the argument */
#ifndef COMPAT_KZALLOC_OBJ_H
#define COMPAT_KZALLOC_OBJ_H

#include <linux/slab.h>

/* the second argument, if there is one, else GFP_KERNEL */
#define compat_gfp(_none, _gfp, ...) ((_none) ? 0 : (_gfp))
#define kzalloc_obj(object, ...) \
	kzalloc(sizeof(object), compat_gfp(0, ##__VA_ARGS__, GFP_KERNEL))

#endif /* COMPAT_KZALLOC_OBJ_H */
