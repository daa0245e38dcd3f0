// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/samples_request.cocci patch,context,org,report
// A sample that can't ask its user for the device.
#include <linux/eventfd.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

struct mdev_state {
	struct vfio_device vdev;
	struct mutex ops_lock;
};

static int toy_get_irq_info(struct vfio_irq_info *irq_info)
{
	irq_info->count = 0;
	return 0;
}

static long toy_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct vfio_irq_info info;

	if (cmd == VFIO_DEVICE_GET_IRQ_INFO)
		return toy_get_irq_info(&info);
	return -ENOTTY;
}

static const struct vfio_device_ops toy_dev_ops = {
	.ioctl = toy_ioctl,
};
