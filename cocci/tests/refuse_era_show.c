// SPDX-License-Identifier: GPL-2.0-only
// 5.13: the show function of an attribute gets the type.
#include <linux/mdev.h>
#include <linux/vfio.h>

static ssize_t device_api_show(struct mdev_type *type, struct mdev_type_attribute *attr, char *buf)
{
	return sprintf(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *toy_attrs[] = {
	&mdev_type_attr_device_api.attr,
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
};

int toy_probe(struct device *dev)
{
	return mdev_register_device(dev, &toy_ops);
}
