// SPDX-License-Identifier: GPL-2.0-only
// The attribute's constant is defined in the attribute's file alone.
#include <linux/vfio.h>
#include "toy.h"

#define TOY_API VFIO_DEVICE_API_PCI_STRING

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s\n", TOY_API);
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

struct attribute_group *toy_groups[] = {
	&toy_group,
	NULL,
};
