// SPDX-License-Identifier: GPL-2.0-only
// An atomic counter and its limit are shared by a header.
#include <linux/moduleparam.h>
#include "toy.h"

int toy_most = 4;
module_param(toy_most, int, 0444);
atomic_t toy_left;

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	if (atomic_dec_if_positive(&toy_left) < 0)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		atomic_inc(&toy_left);
		return -ENOMEM;
	}
	mdev_set_drvdata(mdev, toy);
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = mdev_get_drvdata(mdev);

	kfree(toy);
	atomic_inc(&toy_left);
	return 0;
}

static const struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_start(struct device *dev)
{
	atomic_set(&toy_left, toy_most);
	return mdev_register_device(dev, &toy_ops);
}
