/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus whose remove callback returns an int that nobody looks at. The macro takes effect where
 * the mdev core defines the callback, the only place where a parenthesis follows the name.
 */
#ifndef COMPAT_BUS_REMOVE_H
#define COMPAT_BUS_REMOVE_H

#include <linux/device.h>

#define mdev_bus_remove(_dev)							\
	mdev_bus_remove_void(_dev);						\
										\
static int mdev_bus_remove(struct device *dev)					\
{										\
	mdev_bus_remove_void(dev);						\
	return 0;								\
}										\
										\
static void mdev_bus_remove_void(_dev)

#endif /* COMPAT_BUS_REMOVE_H */
