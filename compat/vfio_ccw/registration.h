/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_try_get_registration() and vfio_device_put_registration() for a tree that does not
 * export them
 *
 * The count and the completion are in struct vfio_device. cocci/tree/vfio_exports.cocci exports the
 * functions in a tree where vfio is built too.
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
