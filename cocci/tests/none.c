// SPDX-License-Identifier: GPL-2.0-only
// The driver uses the API and has neither attribute.
#include <linux/mdev.h>
#include <linux/vfio.h>

struct device *toy_parent(struct mdev_device *mdev)
{
	return mdev_parent_dev(mdev);
}
