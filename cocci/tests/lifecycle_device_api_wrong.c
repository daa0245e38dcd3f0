// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/device_api.cocci report
#include <linux/vfio.h>


static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static const struct mdev_parent_ops toy_ops = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.supported_type_groups = toy_groups,
};
