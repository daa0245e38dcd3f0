// SPDX-License-Identifier: GPL-2.0-only
// A structure of counters is shared by a header.
#include "toy.h"

struct toy_state toy_state;

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	mutex_lock(&toy_state.lock);
	if (toy_state.used >= TOY_LIMIT) {
		mutex_unlock(&toy_state.lock);
		return -ENOSPC;
	}
	toy_state.used++;
	mutex_unlock(&toy_state.lock);
	toy_state.generation++;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		mutex_lock(&toy_state.lock);
		toy_state.used--;
		mutex_unlock(&toy_state.lock);
		return -ENOMEM;
	}
	mdev_set_drvdata(mdev, toy);
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = mdev_get_drvdata(mdev);

	kfree(toy);
	mutex_lock(&toy_state.lock);
	toy_state.used--;
	mutex_unlock(&toy_state.lock);
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
	mutex_init(&toy_state.lock);
	return mdev_register_device(dev, &toy_ops);
}
