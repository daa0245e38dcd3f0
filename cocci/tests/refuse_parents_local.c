// SPDX-License-Identifier: GPL-2.0-only
// A local points to the structure at file scope, and the driver binds several devices.
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

struct toy_hw {
	struct device *dev;
	int nr_rings;
	int left;
};
static struct toy_hw toy_hw;

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy_hw *hw = &toy_hw;
	struct toy *toy;

	if (hw->left >= 4)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return -ENOMEM;
	mdev_set_drvdata(mdev, toy);
	hw->left++;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy_hw *hw = &toy_hw;

	kfree(mdev_get_drvdata(mdev));
	hw->left--;
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct toy_hw *hw = &toy_hw;

	return sprintf(buf, "%d\n", 4 - hw->left);
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

static int toy_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return mdev_register_device(&pdev->dev, &toy_ops);
}

static struct pci_driver toy_pci_driver = {
	.name = "toy",
	.probe = toy_probe,
};
module_pci_driver(toy_pci_driver);
