// SPDX-License-Identifier: GPL-2.0-only
// 6.1: one exit, under a lock.
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
};

#define TOY_LIMIT 4
static int toy_left = TOY_LIMIT;
static DEFINE_MUTEX(toy_lock);

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return toy_left;
}

static int toy_probe(struct mdev_device *mdev)
{
	struct toy *toy;
	int ret;

	mutex_lock(&toy_lock);
	if (!toy_left) {
		ret = -ENOSPC;
		goto out;
	}
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		ret = -ENOMEM;
		goto out;
	}
	dev_set_drvdata(&mdev->dev, toy);
	toy_left--;
	ret = 0;
	ret = 0;
	goto out;

out:
	mutex_unlock(&toy_lock);
	return ret;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = dev_get_drvdata(&mdev->dev);

	kfree(toy);
	mutex_lock(&toy_lock);
	toy_left++;
	mutex_unlock(&toy_lock);
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
	return mdev_register_parent(&hw->parent, dev, &toy_driver, hw->types, 1);
}
