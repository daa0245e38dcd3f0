// SPDX-License-Identifier: GPL-2.0-only
/*
 * device_driver_attach() for a tree that does not export it
 */
#include <linux/device.h>
#include <linux/pm_runtime.h>

#include "device_driver_attach.h"

/**
 * device_driver_attach() - bind a device to a driver
 * @drv: a registered driver of the device's bus
 * @dev: a device that is added and has no driver
 *
 * Such a tree exports device_attach(), which tries all drivers of the bus and hides their errors,
 * and device_bind_driver(), which registers the binding to a driver whose probe has run. This
 * function resumes the parent, calls the probe and then device_bind_driver(). It has no code for
 * features that an mdev does not have: suppliers, pins, DMA masks, power domains. If the probe
 * fails, its managed resources are freed with the device, not at once.
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if the device is bound already, -EAGAIN if the probe asks to be deferred, or
 * the error of the probe or of sysfs.
 */
int compat_device_driver_attach(struct device_driver *drv, struct device *dev)
{
	int ret = -EBUSY;

	device_lock(dev);
	if (dev->driver)
		goto unlock;

	/* pairs with pm_runtime_put(); the probe may access the parent */
	if (dev->parent)
		pm_runtime_get_sync(dev->parent);
	dev->driver = drv;
	ret = dev->bus->probe(dev);
	/* the caller tries again, not the driver core */
	if (ret == -EPROBE_DEFER)
		ret = -EAGAIN;
	if (ret)
		goto no_driver;
	ret = device_add_groups(dev, drv->dev_groups);
	if (ret)
		goto remove;
	/* after this, device_release_driver() undoes all of it */
	ret = device_bind_driver(dev);
	if (ret)
		goto remove_groups;
	goto put_parent;

remove_groups:
	device_remove_groups(dev, drv->dev_groups);
remove:
	dev->bus->remove(dev);
no_driver:
	dev->driver = NULL;
	dev_set_drvdata(dev, NULL);
put_parent:
	if (dev->parent)
		pm_runtime_put(dev->parent);
unlock:
	device_unlock(dev);
	return ret;
}
