// SPDX-License-Identifier: GPL-2.0-only
// get_available of 6.1 reads an atomic member.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

struct toy_parent {
	struct device *dev;
	struct mdev_parent parent;
	struct mdev_type type;
	struct mdev_type *types[1];
	atomic_t left;
};

#define TOY_LIMIT 4

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_parent *hw = dev_get_drvdata(mtype->parent->dev);

	return atomic_read(&hw->left);
}

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_parent *hw = dev_get_drvdata(mdev->type->parent->dev);
	struct toy *toy;

	if (atomic_dec_if_positive(&hw->left) < 0)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		atomic_inc(&hw->left);
		return -ENOMEM;
	}
	dev_set_drvdata(&mdev->dev, toy);
	return 0;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_parent *hw = dev_get_drvdata(mdev->type->parent->dev);
	struct toy *toy = dev_get_drvdata(&mdev->dev);

	kfree(toy);
	atomic_inc(&hw->left);
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

int toy_start(struct device *dev)
{
	struct toy_parent *hw;

	hw = kzalloc(sizeof(*hw), GFP_KERNEL);
	if (!hw)
		return -ENOMEM;
	hw->dev = dev;
	hw->types[0] = &hw->type;
	dev_set_drvdata(dev, hw);
	atomic_set(&hw->left, TOY_LIMIT);
	return mdev_register_parent(&hw->parent, dev, &toy_driver, hw->types, 1);
}
