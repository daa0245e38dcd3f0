/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose struct bus_type has a match callback that takes a writable driver
 *
 * Only for mdev_driver.c of the core. The macro renames the definition of the callback there,
 * because a parenthesis follows its name; the bus gets the wrapper below.
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
