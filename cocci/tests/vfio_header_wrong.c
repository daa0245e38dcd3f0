// SPDX-License-Identifier: GPL-2.0-only
// spatch: vfio_header.cocci patch,context,org,report
#include <linux/mdev.h>

static struct mdev_driver toy_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
};
