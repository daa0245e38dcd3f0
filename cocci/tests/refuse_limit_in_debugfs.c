// SPDX-License-Identifier: GPL-2.0-only
// A file in debugfs can change the limit.
#include <linux/debugfs.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static int toy_used, toys = 4;
module_param(toys, int, 0444);

static int toy_probe(struct mdev_device *mdev)
{
	if (toy_used >= toys)
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

	debugfs_create_u32("toys", 0600, NULL, (u32 *)&toys);
	ret = mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
	return ret;
}
