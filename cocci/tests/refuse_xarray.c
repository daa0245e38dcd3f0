// SPDX-License-Identifier: GPL-2.0-only
// The entries of an xarray are the instances.
#include <linux/xarray.h>
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

static DEFINE_XARRAY_ALLOC(toy_xa);

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return -ENOMEM;
	mdev_set_drvdata(mdev, toy);
	if (xa_alloc(&toy_xa, &toy->id, toy, XA_LIMIT(0, 15), GFP_KERNEL)) {
		kfree(toy);
		return -ENOSPC;
	}
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	kfree(mdev_get_drvdata(mdev));
	xa_erase(&toy_xa, 0);
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	unsigned long i;
	int n = 16;
	void *p;

	xa_for_each(&toy_xa, i, p)
		n--;
	return sprintf(buf, "%d\n", n);
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
