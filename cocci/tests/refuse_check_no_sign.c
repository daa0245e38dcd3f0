// SPDX-License-Identifier: GPL-2.0-only
// With a limit of 0 the check admits any number, because 0 - 1 has no sign.
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static unsigned int toy_used, toys = 4;
module_param(toys, uint, 0444);

static int toy_probe(struct mdev_device *mdev)
{
	if (toy_used > toys - 1)
		return -EUSERS;
	toy_used++;
	return 0;
}

static void toy_remove(struct mdev_device *mdev)
{
	toy_used--;
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return toys - toy_used;
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
	int ret;

	ret = mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
	return ret;
}
