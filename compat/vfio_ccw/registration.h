/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_try_get_registration(), vfio_device_put_registration()
 *
 * Trees that have them but do not export them still have the count and the completion in the
 * public part of struct vfio_device. cocci/vfio_exports.cocci exports the functions where
 * vfio itself is built too.
 */
#ifndef COMPAT_VFIO_REGISTRATION_H
#define COMPAT_VFIO_REGISTRATION_H

#include <linux/completion.h>
#include <linux/refcount.h>
#include <linux/vfio.h>

static inline bool vfio_device_try_get_registration(struct vfio_device *device)
{
	return refcount_inc_not_zero(&device->refcount);
}

static inline void vfio_device_put_registration(struct vfio_device *device)
{
	if (refcount_dec_and_test(&device->refcount))
		complete(&device->comp);
}

#endif
