// SPDX-License-Identifier: GPL-2.0-only
// 6.1: probe and remove do nothing but count: they stay, for the initializer names them.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static atomic_t toy_left = ATOMIC_INIT(4);

static int toy_probe(struct mdev_device *mdev)
{
	if (atomic_dec_if_positive(&toy_left) < 0)
		return -EUSERS;
	return 0;
}

static void toy_remove(struct mdev_device *mdev)
{
	atomic_inc(&toy_left);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return atomic_read(&toy_left);
}

static struct mdev_driver toy_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "toy",
	},
	.probe = toy_probe,
	.remove = toy_remove,
	.get_available = toy_get_available,
};

int toy_setup(struct toy_dev *td, struct device *dev)
{
	return mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
