/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kset_register() that frees the name of the kset on failure. Harmless on a tree that does so: the
 * name is NULL then.
 */
#ifndef COMPAT_KSET_REGISTER_H
#define COMPAT_KSET_REGISTER_H

#include <linux/kobject.h>
#include <linux/slab.h>

static inline int compat_kset_register(struct kset *kset)
{
	int ret = kset_register(kset);

	if (ret) {
		kfree_const(kset->kobj.name);
		kset->kobj.name = NULL;
	}
	return ret;
}

#define kset_register compat_kset_register

#endif /* COMPAT_KSET_REGISTER_H */
