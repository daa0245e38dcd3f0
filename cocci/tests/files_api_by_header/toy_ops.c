// SPDX-License-Identifier: GPL-2.0-only
// Instances are counted here.
#include "toy.h"

static atomic_t toy_left = ATOMIC_INIT(4);

static int toy_probe(struct mdev_device *mdev)
{
	int ret;

	if (atomic_dec_if_positive(&toy_left) < 0)
		return -EUSERS;
	ret = toy_start(mdev);
	if (ret)
		atomic_inc(&toy_left);
	return ret;
}

static void toy_remove(struct mdev_device *mdev)
{
	toy_stop(mdev);
	atomic_inc(&toy_left);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return atomic_read(&toy_left);
}

struct mdev_driver toy_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "toy",
	},
	.probe = toy_probe,
	.remove = toy_remove,
	.get_available = toy_get_available,
};
