// SPDX-License-Identifier: GPL-2.0-only
// Each parent divides its memory by what an instance takes.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

struct toy_hw {
	struct device *dev;
	int nr_rings;
	atomic_t left;
};

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy_hw *hw = dev_get_drvdata(mdev_parent_dev(mdev));
	struct toy *toy;

	if (atomic_dec_if_positive(&hw->left) < 0)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		atomic_inc(&hw->left);
		return -ENOMEM;
	}
	mdev_set_drvdata(mdev, toy);
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy_hw *hw = dev_get_drvdata(mdev_parent_dev(mdev));

	kfree(mdev_get_drvdata(mdev));
	atomic_inc(&hw->left);
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct toy_hw *hw = dev_get_drvdata(dev);

	return sprintf(buf, "%d\n", atomic_read(&hw->left));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *toy_attrs[] = {
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group toy_group = {
	.name = "a",
	.attrs = toy_attrs,
};

static struct attribute_group *toy_groups[] = {
	&toy_group,
	NULL,
};

static const struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_probe(struct device *dev)
{
	struct toy_hw *hw = kzalloc(sizeof(*hw), GFP_KERNEL);
	int ret;

	if (!hw)
		return -ENOMEM;
	dev_set_drvdata(dev, hw);
	hw->nr_rings = 64;
	atomic_set(&hw->left, hw->nr_rings / 16);
	ret = mdev_register_device(dev, &toy_ops);
	if (ret)
		kfree(hw);
	return ret;
}
