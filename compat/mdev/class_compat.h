/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * class_compat_create_link() and class_compat_remove_link() without the argument for a link from
 * the device to the class, which the mdev core does not need
 */
#ifndef COMPAT_CLASS_COMPAT_H
#define COMPAT_CLASS_COMPAT_H

#include <linux/device.h>

static inline int compat_class_compat_create_link(struct class_compat *cls, struct device *dev)
{
	return class_compat_create_link(cls, dev, NULL);
}

static inline void compat_class_compat_remove_link(struct class_compat *cls, struct device *dev)
{
	class_compat_remove_link(cls, dev, NULL);
}

#define class_compat_create_link compat_class_compat_create_link
#define class_compat_remove_link compat_class_compat_remove_link

#endif /* COMPAT_CLASS_COMPAT_H */
