// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bind a device to the driver that the caller names, on a tree that keeps device_driver_attach()
 * for itself
 */
#include <linux/device.h>

#include "device_driver_attach.h"

/**
 * device_driver_attach() - bind a device to a driver
 * @drv: a registered driver of the device's bus
 * @dev: a device that is added and has no driver
 *
 * What such a tree exports are device_attach(), which asks every driver of the bus and drops the
 * error of the one that fails, and device_bind_driver(), which does the book-keeping for a driver
 * that was probed by other means. This is the second, with the probe before it. It leaves out what
 * an mdev never has: suppliers, pins, DMA masks, power domains. What the probe has put into devres
 * goes with the device when it fails, not at once.
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if there is a driver already, -EAGAIN for a probe that wants to be deferred, or
 * the error of the probe or of sysfs.
 */
int compat_device_driver_attach(struct device_driver *drv, struct device *dev)
{
	int ret = -EBUSY;

	device_lock(dev);
	if (dev->driver)
		goto unlock;

	dev->driver = drv;
	ret = dev->bus->probe(dev);
	/* who names the driver is who tries again, not the driver core */
	if (ret == -EPROBE_DEFER)
		ret = -EAGAIN;
	if (ret)
		goto no_driver;
	ret = device_add_groups(dev, drv->dev_groups);
	if (ret)
		goto remove;
	/* from here on device_release_driver() takes it all back */
	ret = device_bind_driver(dev);
	if (ret)
		goto remove_groups;
	device_unlock(dev);
	return 0;

remove_groups:
	device_remove_groups(dev, drv->dev_groups);
remove:
	dev->bus->remove(dev);
no_driver:
	dev->driver = NULL;
	dev_set_drvdata(dev, NULL);
unlock:
	device_unlock(dev);
	return ret;
}
