// SPDX-License-Identifier: GPL-2.0-only
// A function in another file gives the slot back.
#include "toy.h"

int toy_used;

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	if (toy_used >= TOY_LIMIT)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return -ENOMEM;
	mdev_set_drvdata(mdev, toy);
	toy_used++;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = mdev_get_drvdata(mdev);

	kfree(toy);
	toy_put();
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
	return mdev_register_device(dev, &toy_ops);
}
