// SPDX-License-Identifier: GPL-2.0-only
// 6.1: each parent has as many instances as its hardware has rings.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
	unsigned int nr_rings;
	atomic_t left;
};

int toy_start(struct mdev_device *mdev);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_dev *td = container_of(mdev->type->parent, struct toy_dev, parent);
	int ret;

	if (atomic_dec_if_positive(&td->left) < 0)
		return -EUSERS;
	ret = toy_start(mdev);
	if (ret)
		atomic_inc(&td->left);
	return ret;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_dev *td = container_of(mdev->type->parent, struct toy_dev, parent);

	toy_stop(mdev);
	atomic_inc(&td->left);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_dev *td = container_of(mtype->parent, struct toy_dev, parent);

	return atomic_read(&td->left);
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
	atomic_set(&td->left, td->nr_rings);
	return mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
