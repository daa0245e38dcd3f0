// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parents: the devices that are sliced into mediated devices
 *
 * The uevents, the messages at (un)registration and /sys/class/mdev_bus are those of
 * mdev_core.c in Linux 7.3:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

static struct class_compat *mdev_bus_class;

/* All parents, from the check of their arguments until they are unregistered */
static LIST_HEAD(mdev_sets);
static DEFINE_MUTEX(mdev_sets_lock);

static char *mdev_registered_env[] = { "MDEV_STATE=registered", NULL };
static char *mdev_unregistered_env[] = { "MDEV_STATE=unregistered", NULL };

/* The fault of one entry of the types that a driver passes, or NULL */
static const char *mdev_type_fault(struct mdev_type **types, unsigned int nr)
{
	unsigned int i;

	if (!types[nr])
		return "a type is NULL";
	if (!types[nr]->sysfs_name || !*types[nr]->sysfs_name)
		return "a type has no sysfs_name";
	for (i = 0; i < nr; i++)
		if (!strcmp(types[i]->sysfs_name, types[nr]->sysfs_name))
			return "two types have the same sysfs_name";
	return NULL;
}

static int mdev_check_arguments(const struct mdev_parent *parent, const struct device *dev,
				const struct mdev_driver *drv, struct mdev_type **types,
				unsigned int nr_types)
{
	const char *fault = NULL;
	unsigned int i;

	if (!dev) {
		pr_err("mdev: cannot register a parent: the device is NULL\n");
		return -EINVAL;
	}
	if (!parent)
		fault = "the parent is NULL";
	else if (!device_is_registered((struct device *)dev))
		fault = "the device is not registered";
	else if (!drv || drv->driver.bus != &mdev_bus_type)
		fault = "the driver is NULL, or mdev_register_driver() was not called for it";
	else if (!types || !nr_types)
		fault = "there are no types";
	for (i = 0; !fault && i < nr_types; i++)
		fault = mdev_type_fault(types, i);
	if (!fault)
		return 0;
	dev_err(dev, "mdev: cannot register a parent: %s\n", fault);
	return -EINVAL;
}

static bool mdev_set_has_type(const struct mdev_set *set, const struct mdev_type *type)
{
	unsigned int i;

	for (i = 0; i < set->owner->nr_types; i++)
		if (set->owner->types[i] == type)
			return true;
	return false;
}

/* A word for the argument that is registered already, or NULL */
static const char *mdev_registered_already(const struct mdev_parent *parent,
					   const struct device *dev, struct mdev_type **types,
					   unsigned int nr_types)
{
	struct mdev_set *set;
	unsigned int i;

	lockdep_assert_held(&mdev_sets_lock);
	list_for_each_entry(set, &mdev_sets, node) {
		if (set->owner->dev == dev)
			return "the device is";
		if (set->owner == parent)
			return "the memory of struct mdev_parent is";
		for (i = 0; i < nr_types; i++)
			if (mdev_set_has_type(set, types[i]))
				return "one of the types is";
	}
	return NULL;
}

/*
 * Fill in the parent, unless a part of it is registered. Until this returns 0, memory of the driver
 * is only read: it may belong to a parent that is in use. Pairs with mdev_parent_forget().
 */
static int mdev_parent_claim(struct mdev_set *set, struct mdev_parent *parent, struct device *dev,
			     struct mdev_driver *drv, struct mdev_type **types,
			     unsigned int nr_types)
{
	const char *part;
	unsigned int i;

	mutex_lock(&mdev_sets_lock);
	part = mdev_registered_already(parent, dev, types, nr_types);
	if (part) {
		mutex_unlock(&mdev_sets_lock);
		dev_err(dev, "mdev: cannot register a parent: %s registered already\n", part);
		return -EEXIST;
	}
	memset(parent, 0, sizeof(*parent));
	parent->dev = dev;
	parent->mdev_driver = drv;
	parent->types = types;
	parent->nr_types = nr_types;
	parent->mdev_types_kset = &set->kset;
	/* the cost callback of a budget may read it */
	for (i = 0; i < nr_types; i++)
		types[i]->parent = parent;
	set->owner = parent;
	set->parent = parent;
	list_add(&set->node, &mdev_sets);
	mutex_unlock(&mdev_sets_lock);
	return 0;
}

static void mdev_parent_forget(struct mdev_set *set)
{
	mutex_lock(&mdev_sets_lock);
	list_del(&set->node);
	mutex_unlock(&mdev_sets_lock);
}

static bool mdev_link_name_in_use(const char *name)
{
	struct mdev_set *set;

	lockdep_assert_held(&mdev_sets_lock);
	list_for_each_entry(set, &mdev_sets, node)
		if (set->linked && !strcmp(dev_name(set->owner->dev), name))
			return true;
	return false;
}

/* mdevctl finds parents through this link; without it the parent still works. */
static void mdev_parent_link(struct mdev_set *set)
{
	struct device *dev = set->owner->dev;
	int ret = -EEXIST;

	mutex_lock(&mdev_sets_lock);
	if (!mdev_link_name_in_use(dev_name(dev)))
		ret = class_compat_create_link(mdev_bus_class, dev);
	set->linked = !ret;
	mutex_unlock(&mdev_sets_lock);
	if (ret)
		dev_warn(dev, "mdev: cannot add the link in /sys/class/mdev_bus, so mdevctl will not list this device: error %d\n",
			 ret);
}

/* The link of that name may belong to another parent. */
static void mdev_parent_unlink(struct mdev_set *set)
{
	mutex_lock(&mdev_sets_lock);
	if (set->linked)
		class_compat_remove_link(mdev_bus_class, set->owner->dev);
	set->linked = false;
	mutex_unlock(&mdev_sets_lock);
}

/* Let mdevs be created and removed. Pairs with mdev_parent_close(). */
static void mdev_parent_open(struct mdev_set *set)
{
	/* pairs with smp_load_acquire() in mdev_try_get_registration() */
	smp_store_release(&set->open, true);
}

/* Refuse to create and remove mdevs, and wait for those that are being created or removed. */
static void mdev_parent_close(struct mdev_set *set)
{
	WRITE_ONCE(set->open, false);
	/* pairs with refcount_set() in mdev_set_alloc() */
	mdev_put_registration(set);
	wait_for_completion(&set->unused);
}

/**
 * mdev_parent_add() - register a parent
 * @parent: as for mdev_register_parent()
 * @dev: as for mdev_register_parent()
 * @drv: as for mdev_register_parent()
 * @types: as for mdev_register_parent()
 * @nr_types: as for mdev_register_parent()
 * @source: the pools that its instances share, if any
 * @add_files: called when all types are added and no mdev can be created yet, or NULL
 *
 * Context: may sleep.
 * Return: as for mdev_register_parent(), or the error of @add_files.
 */
int mdev_parent_add(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
		    struct mdev_type **types, unsigned int nr_types,
		    const struct mdev_source *source,
		    int (*add_files)(struct mdev_parent *parent))
{
	struct mdev_set *set;
	int ret;

	ret = mdev_check_arguments(parent, dev, drv, types, nr_types);
	if (ret)
		return ret;
	set = mdev_set_alloc();
	if (!set)
		return -ENOMEM;
	ret = mdev_parent_claim(set, parent, dev, drv, types, nr_types);
	if (ret)
		goto free;
	ret = mdev_set_add(set, source);
	if (ret)
		goto forget;
	ret = mdev_types_add(parent);
	if (ret)
		goto remove_set;
	if (add_files)
		ret = add_files(parent);
	if (ret)
		goto remove_types;

	mdev_parent_link(set);
	mdev_parent_open(set);
	dev_info(dev, "MDEV: Registered\n");
	/* udev rules create mdevs on this event: every file exists, and works */
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_registered_env);
	return 0;

remove_types:
	mdev_types_remove(parent);
remove_set:
	mdev_parent_forget(set);
	mdev_set_remove(set);
	return ret;

forget:
	mdev_parent_forget(set);
free:
	kfree(set);
	return ret;
}

/**
 * mdev_register_parent() - offer mediated devices of a device
 * @parent: memory of the driver for the registration; its content does not matter
 * @dev: the device
 * @drv: a registered driver, to which every mdev of this parent is bound
 * @types: the types that @dev offers
 * @nr_types: number of entries in @types
 *
 * @drv limits the number of instances: by max_instances, which the core counts for all types
 * together, or by get_available, and then the driver counts.
 *
 * Context: may sleep. User space may create mdevs shortly before this returns 0, but not before
 * it fails. The caller holds a reference on @dev, and keeps @parent, @types and everything that
 * they point to until mdev_unregister_parent(), which pairs with this, has returned.
 * Return: 0, -EINVAL if an argument is NULL or invalid (no types, two types of one sysfs_name, a
 * device or a driver that is not registered), -EEXIST if @dev, @parent or one of @types is
 * registered already; the kernel log says why, and nothing was written to. -ENOMEM, or the error of
 * adding a directory to sysfs; nothing is left behind.
 */
int mdev_register_parent(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			 struct mdev_type **types, unsigned int nr_types)
{
	return mdev_parent_add(parent, dev, drv, types, nr_types, &(struct mdev_source){}, NULL);
}
EXPORT_SYMBOL(mdev_register_parent);

/**
 * mdev_register_parent_pools() - offer mediated devices of a device that share resources
 * @parent: as for mdev_register_parent()
 * @dev: as for mdev_register_parent()
 * @drv: as for mdev_register_parent(), without get_available; a max_instances other than 0
 *	limits the number of instances in addition to @pools
 * @types: as for mdev_register_parent()
 * @nr_types: as for mdev_register_parent()
 * @pools: the shared resources, each with the costs of @types
 * @nr_pools: number of entries in @pools, 1 to MDEV_MAX_POOLS
 *
 * The core admits an instance if everything that its type costs is free, and refuses it with
 * -EUSERS otherwise. available_instances shows how many more instances of a type would be admitted.
 *
 * Context: as for mdev_register_parent(). Pairs with mdev_unregister_parent().
 * Return: as for mdev_register_parent(), and -EINVAL if @pools is NULL or invalid; the kernel log
 * says why.
 */
int mdev_register_parent_pools(struct mdev_parent *parent, struct device *dev,
			       struct mdev_driver *drv, struct mdev_type **types,
			       unsigned int nr_types, const struct mdev_pool *pools,
			       unsigned int nr_pools)
{
	const struct mdev_source source = { .own = true, .pools = pools, .nr_pools = nr_pools };

	return mdev_parent_add(parent, dev, drv, types, nr_types, &source, NULL);
}
EXPORT_SYMBOL_GPL(mdev_register_parent_pools);

/**
 * mdev_register_parent_budget() - offer mediated devices whose costs a callback tells
 * @parent: as for mdev_register_parent_pools()
 * @dev: as for mdev_register_parent_pools()
 * @drv: as for mdev_register_parent_pools()
 * @types: as for mdev_register_parent_pools()
 * @nr_types: as for mdev_register_parent_pools()
 * @budget: the shared resources and their cost for each type
 *
 * The older form of mdev_register_parent_pools().
 *
 * Context: as for mdev_register_parent(). Pairs with mdev_unregister_parent().
 * Return: as for mdev_register_parent(), and -EINVAL if @budget is NULL or invalid; the kernel log
 * says why.
 */
int mdev_register_parent_budget(struct mdev_parent *parent, struct device *dev,
				struct mdev_driver *drv, struct mdev_type **types,
				unsigned int nr_types, const struct mdev_budget *budget)
{
	const struct mdev_source source = {
		.own = true,
		.nr_pools = budget ? budget->nr_resources : 0,
		.budget = budget,
	};

	return mdev_parent_add(parent, dev, drv, types, nr_types, &source, NULL);
}
EXPORT_SYMBOL_GPL(mdev_register_parent_budget);

/**
 * mdev_unregister_parent() - withdraw a parent and all its mediated devices
 * @parent: a registered parent
 *
 * Context: may sleep, until the user of every mdev has closed it. Holds no lock while it waits.
 * When it returns, the core does not point to @parent or its types, even if a reference on an
 * mdev's device is still held.
 */
void mdev_unregister_parent(struct mdev_parent *parent)
{
	struct mdev_set *set = mdev_set(parent);
	struct device *dev = parent->dev;

	dev_info(dev, "MDEV: Unregistering\n");

	/* from here on, writes to "create" and "remove" fail with -ENODEV */
	mdev_parent_close(set);
	mdev_parent_unlink(set);
	mdev_device_remove_all(parent);
	mdev_types_remove(parent);
	mdev_parent_forget(set);
	mdev_set_remove(set);

	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_unregistered_env);
}
EXPORT_SYMBOL(mdev_unregister_parent);

static int __init mdev_init(void)
{
	int ret;

	ret = mdev_table_init();
	if (ret)
		return ret;
	/* not with the first parent: two parents may be registered at the same time */
	mdev_bus_class = class_compat_register("mdev_bus");
	if (!mdev_bus_class) {
		ret = -ENOMEM;
		goto destroy_table;
	}
	ret = bus_register(&mdev_bus_type);
	if (ret)
		goto unregister_class;
	mdev_debugfs_init();
	pr_info("mdev: core of mdev-lifecycle, version " MDEV_VERSION "\n");
	return 0;

unregister_class:
	class_compat_unregister(mdev_bus_class);
destroy_table:
	mdev_table_destroy();
	return ret;
}

static void __exit mdev_exit(void)
{
	mdev_debugfs_exit();
	/* the release functions are code of this module */
	mdev_wait_for_releases();
	bus_unregister(&mdev_bus_type);
	class_compat_unregister(mdev_bus_class);
	mdev_table_destroy();
}

subsys_initcall(mdev_init)
module_exit(mdev_exit)

MODULE_DESCRIPTION("Mediated device core");
MODULE_AUTHOR("The mdev-lifecycle authors");
MODULE_VERSION(MDEV_VERSION);
MODULE_LICENSE("GPL");
