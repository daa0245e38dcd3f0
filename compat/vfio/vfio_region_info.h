/* SPDX-License-Identifier: GPL-2.0-only */
/* VFIO_DEVICE_GET_REGION_INFO for a tree whose vfio core passes the ioctl to the driver */
#ifndef COMPAT_VFIO_REGION_INFO_H
#define COMPAT_VFIO_REGION_INFO_H

#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

/* @get: the callback get_region_info_caps of struct vfio_device_ops */
static inline long compat_vfio_region_info(struct vfio_device *vdev,
					   struct vfio_region_info __user *arg,
					   int (*get)(struct vfio_device *vdev,
						      struct vfio_region_info *info,
						      struct vfio_info_cap *caps))
{
	const size_t size = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info = {};
	struct vfio_info_cap caps = {};
	long ret;

	if (copy_from_user(&info, arg, size))
		return -EFAULT;
	if (info.argsz < size)
		return -EINVAL;

	ret = get(vdev, &info, &caps);
	if (!ret && caps.size) {
		info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
		if (info.argsz < sizeof(info) + caps.size) {
			/* report the size that the capabilities need */
			info.argsz = sizeof(info) + caps.size;
			info.cap_offset = 0;
		} else {
			info.cap_offset = sizeof(info);
			vfio_info_cap_shift(&caps, sizeof(info));
			if (copy_to_user(arg + 1, caps.buf, caps.size))
				ret = -EFAULT;
		}
	}
	if (!ret && copy_to_user(arg, &info, size))
		ret = -EFAULT;
	kfree(caps.buf);
	return ret;
}

#endif /* COMPAT_VFIO_REGION_INFO_H */
