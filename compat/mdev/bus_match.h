/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus whose match callback is given a driver that it may write to
 *
 * For mdev_driver.c of the core alone. Where that file defines its callback, a parenthesis follows
 * the name and the macro gives the definition another one; the bus gets the function that is here.
 */
#ifndef COMPAT_BUS_MATCH_H
#define COMPAT_BUS_MATCH_H

#include <linux/device.h>

static int mdev_bus_match_const(struct device *dev, const struct device_driver *drv);

static int mdev_bus_match(struct device *dev, struct device_driver *drv)
{
	return mdev_bus_match_const(dev, drv);
}

#define mdev_bus_match(_dev, _drv) mdev_bus_match_const(_dev, _drv)

#endif /* COMPAT_BUS_MATCH_H */
