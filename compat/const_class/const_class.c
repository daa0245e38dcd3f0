// SPDX-License-Identifier: GPL-2.0-only
/*
 * Constant classes for a tree that writes to its classes: a copy of each class is registered
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

/* class_register() is a macro of the tree; the header below redefines it */
static int const_class_register_copy(struct class *cls)
{
	return class_register(cls);
}

#include "linux/device.h"

/**
 * struct const_class - a copy of a constant class
 * @copy: the registered class
 * @original: the class of the driver
 * @next: in const_classes
 */
struct const_class {
	struct class copy;
	const struct class *original;
	struct list_head next;
};

/* protects const_classes */
static DEFINE_MUTEX(const_class_lock);
static LIST_HEAD(const_classes);

/* Called by the driver core when the last reference on the copy is dropped. */
static void const_class_release(struct class *cls)
{
	kfree(container_of(cls, struct const_class, copy));
}

static struct const_class *const_class_find(const struct class *cls)
{
	struct const_class *c;

	lockdep_assert_held(&const_class_lock);
	list_for_each_entry(c, &const_classes, next)
		if (c->original == cls)
			return c;
	return NULL;
}

/**
 * compat_class_register() - register a constant class
 * @cls: the class
 *
 * Context: may sleep. Pairs with class_unregister().
 * Return: 0, -ENOMEM or the error of the tree's class_register().
 */
int compat_class_register(const struct class *cls)
{
	struct const_class *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int ret;

	if (!c)
		return -ENOMEM;
	c->copy = *cls;
	c->original = cls;
	ret = const_class_register_copy(&c->copy);
	if (ret) {
		kfree(c);
		return ret;
	}
	c->copy.class_release = const_class_release;

	mutex_lock(&const_class_lock);
	list_add(&c->next, &const_classes);
	mutex_unlock(&const_class_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(compat_class_register);

/**
 * compat_class_unregister() - unregister a constant class
 * @cls: a class for which class_register() returned 0
 *
 * Context: may sleep.
 */
void compat_class_unregister(const struct class *cls)
{
	struct const_class *c;

	mutex_lock(&const_class_lock);
	c = const_class_find(cls);
	if (c)
		list_del(&c->next);
	mutex_unlock(&const_class_lock);
	if (!WARN_ON(!c))
		(class_unregister)(&c->copy);
}
EXPORT_SYMBOL_GPL(compat_class_unregister);

static void const_class_of_device(struct device *dev)
{
	struct const_class *c;

	mutex_lock(&const_class_lock);
	c = const_class_find(dev->class);
	if (c)
		dev->class = &c->copy;
	mutex_unlock(&const_class_lock);
}

/**
 * compat_device_register() - register a device that may be of a constant class
 * @dev: the device
 *
 * Return: as for the tree's device_register().
 */
int compat_device_register(struct device *dev)
{
	const_class_of_device(dev);
	return (device_register)(dev);
}
EXPORT_SYMBOL_GPL(compat_device_register);

/**
 * compat_device_add() - add a device that may be of a constant class
 * @dev: the device
 *
 * Return: as for the tree's device_add().
 */
int compat_device_add(struct device *dev)
{
	const_class_of_device(dev);
	return (device_add)(dev);
}
EXPORT_SYMBOL_GPL(compat_device_add);
