// SPDX-License-Identifier: GPL-2.0-only
// The parent is registered here.
#include "toy.h"

int toy_setup(struct device *dev)
{
	return mdev_register_parent(&toy_parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
