/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus whose match callback is given a driver that it may write to. The macro takes effect where
 * the mdev core defines the callback, the only place where a parenthesis follows the name.
 */
#ifndef COMPAT_BUS_MATCH_H
#define COMPAT_BUS_MATCH_H

#include <linux/device.h>

#define mdev_bus_match(_dev, _drv)						\
	mdev_bus_match_const(_dev, _drv);					\
										\
static int mdev_bus_match(struct device *dev, struct device_driver *drv)	\
{										\
	return mdev_bus_match_const(dev, drv);					\
}										\
										\
static int mdev_bus_match_const(_dev, _drv)

#endif /* COMPAT_BUS_MATCH_H */
