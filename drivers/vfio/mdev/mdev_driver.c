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

/* The core binds an mdev to the driver of its parent; the driver core must not choose one. */
static int mdev_bus_match(struct device *dev, const struct device_driver *drv)
{
	return 0;
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
