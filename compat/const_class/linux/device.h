/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/device.h> with a class_register() for constant classes, for a tree that writes to its
 * classes
 *
 * For drivers of newer trees (MDEV_COMPAT_DRIVER, see compat/Kbuild.include). A copy of the class
 * is registered. A driver sets device.class to the constant class; device_register() and
 * device_add() replace it by the copy.
 *
 * The other functions that take a class do not compile with a constant one, although
 * -Wno-discarded-qualifiers is set for the assignment to device.class. Not detected:
 * cdev_device_add(), which adds the device itself. Call device_add() after cdev_add() instead.
 */
#ifndef COMPAT_CONST_CLASS_DEVICE_H
#define COMPAT_CONST_CLASS_DEVICE_H

/* inside the guard, because the tree's header includes itself through others */
#include_next <linux/device.h>
#include <linux/build_bug.h>

int compat_class_register(const struct class *cls);
void compat_class_unregister(const struct class *cls);
int compat_device_register(struct device *dev);
int compat_device_add(struct device *dev);

#undef class_register
#define class_register(cls) compat_class_register(cls)
#define class_unregister(cls) compat_class_unregister(cls)
#define device_register(dev) compat_device_register(dev)
#define device_add(dev) compat_device_add(dev)

/* An error "negative width" means that the function has no back-port for a constant class. */
#define compat_writable(cls)							\
	((cls) + BUILD_BUG_ON_ZERO(						\
		__builtin_types_compatible_p(typeof(cls), const struct class *)))
#define device_create(cls, ...) device_create(compat_writable(cls), __VA_ARGS__)
#define device_create_with_groups(cls, ...) \
	device_create_with_groups(compat_writable(cls), __VA_ARGS__)
#define device_destroy(cls, ...) device_destroy(compat_writable(cls), __VA_ARGS__)
#define class_create_file(cls, ...) class_create_file(compat_writable(cls), __VA_ARGS__)
#define class_remove_file(cls, ...) class_remove_file(compat_writable(cls), __VA_ARGS__)
#define class_for_each_device(cls, ...) class_for_each_device(compat_writable(cls), __VA_ARGS__)
#define class_find_device(cls, ...) class_find_device(compat_writable(cls), __VA_ARGS__)
#define class_find_device_by_name(cls, ...) \
	class_find_device_by_name(compat_writable(cls), __VA_ARGS__)
#define class_find_device_by_of_node(cls, ...) \
	class_find_device_by_of_node(compat_writable(cls), __VA_ARGS__)
#define class_find_device_by_fwnode(cls, ...) \
	class_find_device_by_fwnode(compat_writable(cls), __VA_ARGS__)
#define class_dev_iter_init(iter, cls, ...) \
	class_dev_iter_init(iter, compat_writable(cls), __VA_ARGS__)
#define class_find_device_by_devt(cls, ...) \
	class_find_device_by_devt(compat_writable(cls), __VA_ARGS__)

#endif /* COMPAT_CONST_CLASS_DEVICE_H */
