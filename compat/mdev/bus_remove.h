/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus whose remove callback returns an int that nobody looks at
 *
 * For mdev_driver.c of the core alone, as bus_match.h is.
 */
#ifndef COMPAT_BUS_REMOVE_H
#define COMPAT_BUS_REMOVE_H

#include <linux/device.h>

static void mdev_bus_remove_void(struct device *dev);

static int mdev_bus_remove(struct device *dev)
{
	mdev_bus_remove_void(dev);
	return 0;
}

#define mdev_bus_remove(_dev) mdev_bus_remove_void(_dev)

#endif /* COMPAT_BUS_REMOVE_H */
