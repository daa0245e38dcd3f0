/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * class_compat_create_link() and class_compat_remove_link() without the argument that named a link
 * back from the device to the class. Nobody but the networking of old ever wanted one.
 */
#ifndef COMPAT_CLASS_COMPAT_H
#define COMPAT_CLASS_COMPAT_H

#include <linux/device.h>

#define class_compat_create_link(cls, dev) (class_compat_create_link)(cls, dev, NULL)
#define class_compat_remove_link(cls, dev) (class_compat_remove_link)(cls, dev, NULL)

#endif /* COMPAT_CLASS_COMPAT_H */
