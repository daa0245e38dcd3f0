// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_exports.cocci patch,context,org,report
#include <linux/vfio.h>


static bool vfio_device_try_get(struct vfio_device *device)
{
	return refcount_inc_not_zero(&device->refcount);
}

struct vfio_device *toy_find(struct vfio_group *group)
{
	return vfio_device_try_get(group->only) ? group->only : NULL;
}
