// SPDX-License-Identifier: GPL-2.0-only
// The limit is a variable, and the callbacks are assigned at run time.
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

static int toy_used;
static int toy_max = 8;

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	if (toy_used >= toy_max)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return -ENOMEM;
	mdev_set_drvdata(mdev, toy);
	toy_used++;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	kfree(mdev_get_drvdata(mdev));
	toy_used--;
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%d\n", toy_max - toy_used);
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

int toy_probe(struct device *dev)
{
	struct mdev_parent_ops *ops = devm_kzalloc(dev, sizeof(*ops), GFP_KERNEL);

	if (!ops)
		return -ENOMEM;
	ops->owner = THIS_MODULE;
	ops->supported_type_groups = toy_groups;
	ops->create = toy_create;
	ops->remove = toy_remove;
	return mdev_register_device(dev, ops);
}
