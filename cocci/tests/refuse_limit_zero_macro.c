// SPDX-License-Identifier: GPL-2.0-only
// A macro is 0: nothing is admitted, and a limit of 0 would be none.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/module.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

static int toy_used;
#define SLOTS 4
#define MAX_TOYS (SLOTS - 4)

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	if (toy_used >= MAX_TOYS)
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
	return sprintf(buf, "%d\n", MAX_TOYS - toy_used);
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
	return mdev_register_device(dev, &toy_ops);
}
