/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/device.h> with a class_register() for a class that is constant, on a tree that writes into
 * its classes
 *
 * For drivers of newer trees (MDEV_COMPAT_DRIVER, see compat/Kbuild.include). Devices name the
 * constant class; device_register() and device_add() give them the copy that is registered in its
 * place.
 */
#ifndef COMPAT_CONST_CLASS_DEVICE_H
#define COMPAT_CONST_CLASS_DEVICE_H

/* inside the guard: the tree's header includes itself by way of others */
#include_next <linux/device.h>

int compat_class_register(const struct class *cls);
void compat_class_unregister(const struct class *cls);
int compat_device_register(struct device *dev);
int compat_device_add(struct device *dev);

#undef class_register
#define class_register(cls) compat_class_register(cls)
#define class_unregister(cls) compat_class_unregister(cls)
#define device_register(dev) compat_device_register(dev)
#define device_add(dev) compat_device_add(dev)

#endif /* COMPAT_CONST_CLASS_DEVICE_H */
