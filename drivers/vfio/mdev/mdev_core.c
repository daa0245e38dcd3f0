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
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

static struct class_compat *mdev_bus_class;

static char *mdev_registered_env[] = { "MDEV_STATE=registered", NULL };
static char *mdev_unregistered_env[] = { "MDEV_STATE=unregistered", NULL };

static int mdev_parent_add(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			   struct mdev_type **types, unsigned int nr_types,
			   const struct mdev_source *source)
{
	unsigned int i;
	int ret;

	memset(parent, 0, sizeof(*parent));
	init_rwsem(&parent->unreg_sem);
	parent->dev = dev;
	parent->mdev_driver = drv;
	parent->types = types;
	parent->nr_types = nr_types;
	/* the cost callback of a budget may read it */
	for (i = 0; i < nr_types; i++)
		types[i]->parent = parent;

	ret = mdev_types_add(parent, source);
	if (ret)
		return ret;

	/* mdevctl finds parents through this link; without it the parent still works */
	ret = class_compat_create_link(mdev_bus_class, dev);
	if (ret)
		dev_warn(dev, "mdev: cannot add the link in /sys/class/mdev_bus, so mdevctl will not list this device: error %d\n",
			 ret);

	dev_info(dev, "MDEV: Registered\n");
	/* udev rules create mdevs on this event, so every file must exist by now */
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_registered_env);
	return 0;
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
 * Context: may sleep. User space may create mdevs before this returns. The caller holds a
 * reference on @dev, and keeps @parent, @types and everything that they point to until
 * mdev_unregister_parent(), which pairs with this, has returned.
 * Return: 0, -ENOMEM, or the error of adding a directory to sysfs, -EEXIST if @dev is a parent
 * already. On error nothing is left behind.
 */
int mdev_register_parent(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			 struct mdev_type **types, unsigned int nr_types)
{
	return mdev_parent_add(parent, dev, drv, types, nr_types, &(struct mdev_source){});
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
	const struct mdev_source source = { .pools = pools, .nr_pools = nr_pools };

	if (!pools)
		return -EINVAL;
	return mdev_parent_add(parent, dev, drv, types, nr_types, &source);
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
	struct mdev_source source = { .budget = budget };

	if (!budget)
		return -EINVAL;
	source.nr_pools = budget->nr_resources;
	return mdev_parent_add(parent, dev, drv, types, nr_types, &source);
}
EXPORT_SYMBOL_GPL(mdev_register_parent_budget);

/**
 * mdev_unregister_parent() - withdraw a parent and all its mediated devices
 * @parent: a registered parent
 *
 * Context: may sleep, until the user of every mdev has closed it. When it returns, the core does
 * not point to @parent or its types, even if a reference on an mdev's device is still held.
 */
void mdev_unregister_parent(struct mdev_parent *parent)
{
	dev_info(parent->dev, "MDEV: Unregistering\n");

	/* from here on, writes to "create" and "remove" fail with -ENODEV */
	down_write(&parent->unreg_sem);
	class_compat_remove_link(mdev_bus_class, parent->dev);
	mdev_device_remove_all(parent);
	mdev_types_remove(parent);
	up_write(&parent->unreg_sem);

	kobject_uevent_env(&parent->dev->kobj, KOBJ_CHANGE, mdev_unregistered_env);
}
EXPORT_SYMBOL(mdev_unregister_parent);

static int __init mdev_init(void)
{
	int ret;

	/* not with the first parent: two parents may be registered at the same time */
	mdev_bus_class = class_compat_register("mdev_bus");
	if (!mdev_bus_class)
		return -ENOMEM;
	ret = bus_register(&mdev_bus_type);
	if (ret) {
		class_compat_unregister(mdev_bus_class);
		return ret;
	}
	mdev_debugfs_init();
	pr_info("mdev: core of mdev-lifecycle, version " MDEV_VERSION "\n");
	return 0;
}

static void __exit mdev_exit(void)
{
	mdev_debugfs_exit();
	bus_unregister(&mdev_bus_type);
	class_compat_unregister(mdev_bus_class);
}

subsys_initcall(mdev_init)
module_exit(mdev_exit)

MODULE_DESCRIPTION("Mediated device core");
MODULE_AUTHOR("The mdev-lifecycle authors");
MODULE_VERSION(MDEV_VERSION);
MODULE_LICENSE("GPL");
