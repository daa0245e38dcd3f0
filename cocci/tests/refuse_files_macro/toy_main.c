// SPDX-License-Identifier: GPL-2.0-only
#include "toy.h"

static struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_probe(struct device *dev)
{
	return mdev_register_device(dev, &toy_ops);
}
