// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parents: the devices that are sliced into mediated devices
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
			   const struct mdev_budget *budget)
{
	unsigned int i;
	int ret;

	memset(parent, 0, sizeof(*parent));
	init_rwsem(&parent->unreg_sem);
	parent->dev = dev;
	parent->mdev_driver = drv;
	parent->types = types;
	parent->nr_types = nr_types;
	/* the cost callback of a budget may look at it */
	for (i = 0; i < nr_types; i++)
		types[i]->parent = parent;

	ret = mdev_books_open(parent, budget);
	if (ret)
		return ret;
	ret = mdev_types_add(parent);
	if (ret) {
		mdev_books_close(parent);
		return ret;
	}

	/* /sys/class/mdev_bus is how mdevctl finds parents; without it the parent still works */
	ret = class_compat_create_link(mdev_bus_class, dev);
	if (ret)
		dev_warn(dev, "mdev: no link in /sys/class/mdev_bus: error %d\n", ret);

	dev_info(dev, "MDEV: Registered\n");
	/* udev rules start mdevs on this event, so every file is there by now */
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_registered_env);
	return 0;
}

/**
 * mdev_register_parent() - offer mediated devices of a device
 * @parent: the driver's memory for the registration; its content does not matter
 * @dev: the device
 * @drv: a registered driver, to which every mdev of this parent is bound
 * @types: what @dev offers
 * @nr_types: number of entries in @types
 *
 * How many instances there may be is for @drv to say: max_instances, counted here for all types
 * together, or get_available, in which case the driver counts.
 *
 * Context: may sleep. User space may create mdevs before this returns. The caller holds a
 * reference on @dev, and keeps @parent, @types and what they point to until
 * mdev_unregister_parent(), which pairs with this, has returned.
 * Return: 0, -ENOMEM, or the error of adding a directory to sysfs, -EEXIST if @dev is a parent
 * already. On error nothing is left behind.
 */
int mdev_register_parent(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			 struct mdev_type **types, unsigned int nr_types)
{
	return mdev_parent_add(parent, dev, drv, types, nr_types, NULL);
}
EXPORT_SYMBOL(mdev_register_parent);

/**
 * mdev_register_parent_budget() - offer mediated devices of a device that share resources
 * @parent: as for mdev_register_parent()
 * @dev: as for mdev_register_parent()
 * @drv: as for mdev_register_parent(), without get_available; a max_instances other than 0 limits
 *	the number of instances too
 * @types: as for mdev_register_parent()
 * @nr_types: as for mdev_register_parent()
 * @budget: the shared resources and what each type takes of them
 *
 * The core admits an instance when all it takes is free, refuses it with -EUSERS otherwise, and
 * shows in available_instances of each type how many more of it there could be.
 *
 * Context: as for mdev_register_parent(). Pairs with mdev_unregister_parent().
 * Return: as for mdev_register_parent(), and -EINVAL without a @budget or for one that makes no
 * sense; the kernel log says why.
 */
int mdev_register_parent_budget(struct mdev_parent *parent, struct device *dev,
				struct mdev_driver *drv, struct mdev_type **types,
				unsigned int nr_types, const struct mdev_budget *budget)
{
	if (!budget)
		return -EINVAL;
	return mdev_parent_add(parent, dev, drv, types, nr_types, budget);
}
EXPORT_SYMBOL_GPL(mdev_register_parent_budget);

/**
 * mdev_unregister_parent() - withdraw a parent and all its mediated devices
 * @parent: a registered parent
 *
 * Context: may sleep, until the user of every mdev has let go. When it returns, nothing in the
 * core points to @parent or its types, even if somebody still holds one of the mdevs' devices.
 */
void mdev_unregister_parent(struct mdev_parent *parent)
{
	dev_info(parent->dev, "MDEV: Unregistering\n");

	/* from here on create and remove say -ENODEV */
	down_write(&parent->unreg_sem);
	class_compat_remove_link(mdev_bus_class, parent->dev);
	mdev_device_remove_all(parent);
	mdev_types_remove(parent);
	up_write(&parent->unreg_sem);
	mdev_books_close(parent);

	kobject_uevent_env(&parent->dev->kobj, KOBJ_CHANGE, mdev_unregistered_env);
}
EXPORT_SYMBOL(mdev_unregister_parent);

static int __init mdev_init(void)
{
	int ret;

	/* here and not with the first parent: two may come at the same time */
	mdev_bus_class = class_compat_register("mdev_bus");
	if (!mdev_bus_class)
		return -ENOMEM;
	ret = bus_register(&mdev_bus_type);
	if (ret)
		class_compat_unregister(mdev_bus_class);
	return ret;
}

static void __exit mdev_exit(void)
{
	bus_unregister(&mdev_bus_type);
	class_compat_unregister(mdev_bus_class);
}

subsys_initcall(mdev_init)
module_exit(mdev_exit)

MODULE_DESCRIPTION("Mediated device core");
MODULE_AUTHOR("The mdev-lifecycle authors");
MODULE_LICENSE("GPL");
