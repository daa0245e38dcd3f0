// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/device_api.cocci report
#include <linux/vfio.h>


static const struct mdev_parent_ops toy_ops = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.supported_type_groups = toy_groups,
};
