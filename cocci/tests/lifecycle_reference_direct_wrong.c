// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/reference.cocci report
#include <linux/vfio.h>


int toy_notify(struct toy *toy, int event)
{
	if (!vfio_device_try_get(&toy->vdev))
		return -ENODEV;
	if (event > TOY_LAST)
		return -EINVAL;
	toy_event(toy, event);
	vfio_device_put(&toy->vdev);
	return 0;
}
