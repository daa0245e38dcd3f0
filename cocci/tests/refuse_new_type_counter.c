// SPDX-License-Identifier: GPL-2.0-only
// 6.1: each type has a counter of its own.
#include <linux/mdev.h>
#include <linux/vfio.h>

struct toy_type {
	struct mdev_type type;
	int left;
};

struct toy_dev {
	struct mdev_parent parent;
	struct toy_type types[2];
	struct mdev_type *mdev_types[2];
};

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	if (type->left <= 0)
		return -EUSERS;
	type->left--;
	return 0;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	type->left++;
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_type *type = container_of(mtype, struct toy_type, type);

	return type->left;
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
	struct toy_type *type;

	for (type = td->types; type < td->types + 2; type++)
		type->left = 4;
	return mdev_register_parent(&td->parent, dev, &toy_driver, td->mdev_types, 2);
}
