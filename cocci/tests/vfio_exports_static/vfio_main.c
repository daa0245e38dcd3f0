// SPDX-License-Identifier: GPL-2.0-only
#include "vfio.h"

static void vfio_device_put_registration(struct vfio_device *device)
{
	if (refcount_dec_and_test(&device->users))
		complete(&device->idle);
}

static bool vfio_device_try_get_registration(struct vfio_device *device)
{
	return refcount_inc_not_zero(&device->users);
}

int toy_start(struct vfio_device *device)
{
	if (!vfio_device_try_get_registration(device))
		return -ENODEV;
	vfio_device_put_registration(device);
	return 0;
}
