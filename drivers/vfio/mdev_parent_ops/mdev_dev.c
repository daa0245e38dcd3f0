// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_dev() as an exported function
 *
 * It is inline in the header of the core. A tree with mdev_register_device() exports it, and a
 * driver may look it up by name.
 */
#define mdev_dev mdev_dev_inline
#include <linux/mdev.h>
#undef mdev_dev

struct device *mdev_dev(struct mdev_device *mdev);

/**
 * mdev_dev() - get the device of an mdev
 * @mdev: the mdev
 *
 * Return: a pointer into @mdev; no reference is taken.
 */
struct device *mdev_dev(struct mdev_device *mdev)
{
	return mdev_dev_inline(mdev);
}
EXPORT_SYMBOL(mdev_dev);
