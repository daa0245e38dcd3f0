// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/samples_request.cocci patch,context,org,report
// A driver that asks its user for the device.
#include <linux/vfio.h>

struct mdev_state {
	struct vfio_device vdev;
	struct mutex ops_lock;
};

void toy_request(struct vfio_device *vdev, unsigned int count);
long toy_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);

static const struct vfio_device_ops toy_dev_ops = {
	.ioctl = toy_ioctl,
	.request = toy_request,
};
