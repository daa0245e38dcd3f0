// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mdev bus and its drivers
 *
 * The callbacks of the bus are those of mdev_driver.c in Linux 7.3:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 */
#include <linux/export.h>
/*
 * Not for its functions: MODVERSIONS hashes every type that an exported function reaches and that
 * is defined here. Without the types of iommu.h, drivers built for the stock mdev.ko, kvmgt.ko for
 * instance, would not load.
 */
#include <linux/iommu.h>

#include "mdev_private.h"

/*
 * Structures with a release function in this module that are not released, and one for the module.
 * A kobject may be released after its owner is done with it: by the last of several references, or,
 * with CONFIG_DEBUG_KOBJECT_RELEASE, seconds later.
 */
static refcount_t mdev_releases = REFCOUNT_INIT(1);
static DECLARE_COMPLETION(mdev_releases_done);

/** mdev_release_expected() - announce a release function. Pairs with mdev_release_done(). */
void mdev_release_expected(void)
{
	refcount_inc(&mdev_releases);
}

/** mdev_release_done() - the last call of a release function. Context: any. */
void mdev_release_done(void)
{
	if (refcount_dec_and_test(&mdev_releases))
		complete(&mdev_releases_done);
}

/**
 * mdev_wait_for_releases() - wait until every release function has run
 *
 * Context: may sleep. Called once, when the module is unloaded and nothing new can be announced.
 */
void mdev_wait_for_releases(void)
{
	/* pairs with REFCOUNT_INIT(1) */
	mdev_release_done();
	wait_for_completion(&mdev_releases_done);
}

static struct mdev_driver *mdev_driver_of(struct device *dev)
{
	return container_of(dev->driver, struct mdev_driver, driver);
}

static int mdev_bus_probe(struct device *dev)
{
	struct mdev_driver *drv = mdev_driver_of(dev);

	return drv->probe ? drv->probe(to_mdev_device(dev)) : 0;
}

static void mdev_bus_remove(struct device *dev)
{
	struct mdev_driver *drv = mdev_driver_of(dev);

	if (drv->remove)
		drv->remove(to_mdev_device(dev));
}

/*
 * During creation no driver matches: mdev_device_create() binds the mdev and needs the error of the
 * probe. Afterwards the driver of the parent matches, so that an mdev that was unbound through
 * sysfs can be bound again.
 */
static int mdev_bus_match(struct device *dev, const struct device_driver *drv)
{
	struct mdev_instance *inst = to_instance(dev);

	return READ_ONCE(inst->mdev.active) && drv == inst->driver;
}

typeof(*((struct device *)NULL)->bus) mdev_bus_type = {
	.name = "mdev",
	.match = mdev_bus_match,
	.probe = mdev_bus_probe,
	.remove = mdev_bus_remove,
};

/**
 * mdev_register_driver() - register a driver of mediated devices
 * @drv: the driver; its device_api is mandatory
 *
 * Context: may sleep. The caller keeps @drv until mdev_unregister_driver(), which pairs with it.
 * Return: 0, -EINVAL without a device_api, or the error of driver_register().
 */
int mdev_register_driver(struct mdev_driver *drv)
{
	if (!drv->device_api)
		return -EINVAL;
	drv->driver.bus = &mdev_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL(mdev_register_driver);

/**
 * mdev_unregister_driver() - unregister a driver of mediated devices
 * @drv: a driver for which mdev_register_driver() succeeded and whose parents are unregistered
 *
 * Context: may sleep.
 */
void mdev_unregister_driver(struct mdev_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(mdev_unregister_driver);
