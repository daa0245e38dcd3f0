// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_dev() as a function
 *
 * In the header of the core it is inline. Trees with the interface of mdev_register_device() export
 * it, and a driver may look it up by its name.
 */
#define mdev_dev mdev_dev_inline
#include <linux/mdev.h>
#undef mdev_dev

struct device *mdev_dev(struct mdev_device *mdev);

/**
 * mdev_dev() - the device of an mdev
 * @mdev: the mdev
 *
 * Return: a pointer into @mdev; no reference is taken.
 */
struct device *mdev_dev(struct mdev_device *mdev)
{
	return mdev_dev_inline(mdev);
}
EXPORT_SYMBOL(mdev_dev);
