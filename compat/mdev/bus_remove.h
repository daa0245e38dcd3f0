/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose struct bus_type has a remove callback that returns an int, which it ignores
 *
 * Only for mdev_driver.c of the core, as bus_match.h.
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
