/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_ops.get_region_info_caps, for a tree whose vfio core passes
 * VFIO_DEVICE_GET_REGION_INFO to the ioctl callback
 *
 * A file that includes this header uses another struct vfio_device_ops, which has the member. The
 * structure of the tree is filled from it when a device is allocated. One set of operations per
 * file.
 *
 * The structure is that of include/linux/vfio.h in Linux 7.3:
 * Copyright (C) 2012 Red Hat, Inc.  All rights reserved.
 *     Author: Alex Williamson <alex.williamson@redhat.com>
 */
#ifndef COMPAT_VFIO_REGION_INFO_CAPS_H
#define COMPAT_VFIO_REGION_INFO_CAPS_H

#include <linux/vfio.h>

#include "../vfio/vfio_region_info.h"

#ifdef COMPAT_VFIO_NO_IOMMUFD
struct iommufd_ctx;

#define vfio_iommufd_emulated_bind NULL
#define vfio_iommufd_emulated_unbind NULL
#define vfio_iommufd_emulated_attach_ioas NULL
#endif
#ifdef COMPAT_VFIO_NO_DETACH_IOAS
#define vfio_iommufd_emulated_detach_ioas NULL
#endif

struct compat_vfio_device_ops {
	char *name;
	int (*init)(struct vfio_device *vdev);
	void (*release)(struct vfio_device *vdev);
	int (*bind_iommufd)(struct vfio_device *vdev, struct iommufd_ctx *ictx, u32 *id);
	void (*unbind_iommufd)(struct vfio_device *vdev);
	int (*attach_ioas)(struct vfio_device *vdev, u32 *pt_id);
	void (*detach_ioas)(struct vfio_device *vdev);
	int (*open_device)(struct vfio_device *vdev);
	void (*close_device)(struct vfio_device *vdev);
	ssize_t (*read)(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *pos);
	ssize_t (*write)(struct vfio_device *vdev, const char __user *buf, size_t count,
			 loff_t *pos);
	long (*ioctl)(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);
	int (*get_region_info_caps)(struct vfio_device *vdev, struct vfio_region_info *info,
				    struct vfio_info_cap *caps);
	int (*mmap)(struct vfio_device *vdev, struct vm_area_struct *vma);
	void (*request)(struct vfio_device *vdev, unsigned int count);
	void (*dma_unmap)(struct vfio_device *vdev, u64 iova, u64 length);
};

static const struct compat_vfio_device_ops *compat_vfio_ops;

static long compat_vfio_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	if (cmd == VFIO_DEVICE_GET_REGION_INFO)
		return compat_vfio_region_info(vdev, (void __user *)arg,
					       compat_vfio_ops->get_region_info_caps);
	return compat_vfio_ops->ioctl(vdev, cmd, arg);
}

static void compat_vfio_release(struct vfio_device *vdev)
{
	compat_vfio_ops->release(vdev);
#ifdef COMPAT_VFIO_FREE_DEVICE
	vfio_free_device(vdev);
#endif
}

static struct vfio_device *compat_vfio_alloc_device(size_t size, struct device *dev,
						    const struct compat_vfio_device_ops *ops)
{
	static struct vfio_device_ops tree;

	/* concurrent callers write the same values */
	compat_vfio_ops = ops;
	tree.name = ops->name;
	tree.init = ops->init;
	tree.release = compat_vfio_release;
#ifndef COMPAT_VFIO_NO_IOMMUFD
	tree.bind_iommufd = ops->bind_iommufd;
	tree.unbind_iommufd = ops->unbind_iommufd;
	tree.attach_ioas = ops->attach_ioas;
#endif
#ifndef COMPAT_VFIO_NO_DETACH_IOAS
	tree.detach_ioas = ops->detach_ioas;
#endif
	tree.open_device = ops->open_device;
	tree.close_device = ops->close_device;
	tree.read = ops->read;
	tree.write = ops->write;
	tree.ioctl = compat_vfio_ioctl;
	tree.mmap = ops->mmap;
	tree.request = ops->request;
	tree.dma_unmap = ops->dma_unmap;
	return _vfio_alloc_device(size, dev, &tree);
}

#define vfio_device_ops compat_vfio_device_ops
#define _vfio_alloc_device compat_vfio_alloc_device

#endif
