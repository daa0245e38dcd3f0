/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_ops.get_region_info_caps
 *
 * On trees whose vfio core hands VFIO_DEVICE_GET_REGION_INFO to the driver's ioctl. The file that
 * is compiled gets a struct vfio_device_ops of its own, with the member, from which the one of
 * the tree is filled when the first device is allocated. One set of operations per file.
 */
#ifndef COMPAT_VFIO_REGION_INFO_CAPS_H
#define COMPAT_VFIO_REGION_INFO_CAPS_H

#include <linux/vfio.h>

#include "../vfio/vfio_region_info.h"

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

static struct vfio_device *compat_vfio_alloc_device(size_t size, struct device *dev,
						    const struct compat_vfio_device_ops *ops)
{
	static struct vfio_device_ops tree;

	/* Two who come at once write the same. */
	compat_vfio_ops = ops;
	tree.name = ops->name;
	tree.init = ops->init;
	tree.release = ops->release;
	tree.bind_iommufd = ops->bind_iommufd;
	tree.unbind_iommufd = ops->unbind_iommufd;
	tree.attach_ioas = ops->attach_ioas;
	tree.detach_ioas = ops->detach_ioas;
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
