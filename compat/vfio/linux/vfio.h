/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/vfio.h> with a struct vfio_device that drivers embed, for a tree whose vfio takes a
 * device, a table of callbacks and a pointer
 *
 * Only for drivers of that API. Their Makefile puts the folder of this file first in the search
 * path (MDEV_COMPAT_DRIVER, see compat/Kbuild.include), because stock drivers of mdevs use
 * functions of the same names with other arguments.
 *
 * The structures of the tree are struct tree_vfio_device and struct tree_vfio_device_ops here.
 * Functions that the tree has with other arguments are macros for functions named compat_vfio_...
 * A name in parentheses, as in (vfio_pin_pages)(...), is the function of the tree.
 *
 * The structures are those of include/linux/vfio.h in Linux 7.3, where not marked private:
 * Copyright (C) 2012 Red Hat, Inc.  All rights reserved.
 *     Author: Alex Williamson <alex.williamson@redhat.com>
 */
#ifndef COMPAT_VFIO_VFIO_H
#define COMPAT_VFIO_VFIO_H

#define vfio_device tree_vfio_device
#define vfio_device_ops tree_vfio_device_ops
#include_next <linux/vfio.h>
#undef vfio_device
#undef vfio_device_ops

#include <linux/build_bug.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/refcount.h>

struct iommufd_ctx;

/**
 * struct vfio_device - a device that a driver offers to user space
 * @dev: the device; the driver holds a reference
 * @ops: the callbacks of the driver
 * @kvm: the virtual machine of the user, or NULL; valid in open_device
 * @tree: the vfio device of the tree
 * @kref: counts references on the memory
 * @lock: protects @open_count, and is held while open_device and close_device run
 * @open_count: number of open device files
 * @kvm_nb: updates @kvm while a device file is open
 * @dma_lock: serializes open_device, close_device and dma_unmap; protects @dma_open
 * @dma_open: dma_unmap may be called
 * @dma_nb: notified of DMA unmaps from before open_device until after close_device
 */
struct vfio_device {
	struct device *dev;
	const struct vfio_device_ops *ops;
	struct kvm *kvm;

	/* private to compat/vfio/vfio_device.c */
	struct tree_vfio_device tree;
	struct kref kref;
	/* outside of dma_lock; held when notifiers are registered */
	struct mutex lock;
	unsigned int open_count;
	struct notifier_block kvm_nb;
	/* taken by a notifier, so never held when notifiers are registered */
	struct mutex dma_lock;
	bool dma_open;
	struct notifier_block dma_nb;
};

/**
 * struct vfio_device_ops - callbacks of a driver for its vfio device
 * @name: for messages
 * @init: initialize the driver's part of the structure
 * @release: undo @init; the memory is freed after it
 * @bind_iommufd: not called: there is no iommufd here
 * @unbind_iommufd: not called
 * @attach_ioas: not called
 * @detach_ioas: not called
 * @open_device: the first device file is opened
 * @close_device: the last device file is closed
 * @read: read(2)
 * @write: write(2)
 * @ioctl: ioctl(2), except the commands of @get_region_info_caps and @device_feature
 * @get_region_info_caps: VFIO_DEVICE_GET_REGION_INFO; without it, @ioctl handles the command
 * @mmap: mmap(2)
 * @request: ask the user to release the device, which is being unregistered. Called until the
 *	user does
 * @match: return whether a name is that of this device; without it, the name of @vfio_device.dev
 *	is compared
 * @match_token_uuid: not called
 * @dma_unmap: unpin all pages of a range that user space unmaps, before this returns
 * @device_feature: VFIO_DEVICE_FEATURE
 */
struct vfio_device_ops {
	char *name;
	int (*init)(struct vfio_device *vdev);
	void (*release)(struct vfio_device *vdev);
	int (*bind_iommufd)(struct vfio_device *vdev, struct iommufd_ctx *ictx, u32 *id);
	void (*unbind_iommufd)(struct vfio_device *vdev);
	int (*attach_ioas)(struct vfio_device *vdev, u32 *pt_id);
	void (*detach_ioas)(struct vfio_device *vdev);
	int (*open_device)(struct vfio_device *vdev);
	void (*close_device)(struct vfio_device *vdev);
	ssize_t (*read)(struct vfio_device *vdev, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(struct vfio_device *vdev, const char __user *buf, size_t count,
			 loff_t *ppos);
	long (*ioctl)(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);
	int (*get_region_info_caps)(struct vfio_device *vdev, struct vfio_region_info *info,
				    struct vfio_info_cap *caps);
	int (*mmap)(struct vfio_device *vdev, struct vm_area_struct *vma);
	void (*request)(struct vfio_device *vdev, unsigned int count);
	int (*match)(struct vfio_device *vdev, char *buf);
	int (*match_token_uuid)(struct vfio_device *vdev, const uuid_t *uuid);
	void (*dma_unmap)(struct vfio_device *vdev, u64 iova, u64 length);
	int (*device_feature)(struct vfio_device *vdev, u32 flags, void __user *arg, size_t argsz);
};

void *compat_vfio_alloc_device(size_t size, struct device *dev, const struct vfio_device_ops *ops);
void compat_vfio_put_device(struct vfio_device *device);
int compat_vfio_register_emulated_iommu_dev(struct vfio_device *device);
void compat_vfio_unregister_group_dev(struct vfio_device *device);
bool compat_vfio_device_try_get_registration(struct vfio_device *device);
void compat_vfio_device_put_registration(struct vfio_device *device);
int compat_vfio_pin_pages(struct vfio_device *device, dma_addr_t iova, int npage, int prot,
			  struct page **pages);
void compat_vfio_unpin_pages(struct vfio_device *device, dma_addr_t iova, int npage);
int compat_vfio_dma_rw(struct vfio_device *device, dma_addr_t iova, void *data, size_t len,
		       bool write);

/* The vfio device must be the first member: the memory is freed by its address. */
#define vfio_alloc_device(dev_struct, member, dev, ops)				\
({										\
	struct dev_struct (*__own);						\
										\
	__own = compat_vfio_alloc_device(sizeof(*__own) +			\
			BUILD_BUG_ON_ZERO(offsetof(typeof(*__own), member)),	\
			dev, ops);						\
})

#define vfio_put_device(device) compat_vfio_put_device(device)
#define vfio_register_emulated_iommu_dev(device) compat_vfio_register_emulated_iommu_dev(device)
#define vfio_unregister_group_dev(device) compat_vfio_unregister_group_dev(device)
#define vfio_device_try_get_registration(device) compat_vfio_device_try_get_registration(device)
#define vfio_device_put_registration(device) compat_vfio_device_put_registration(device)
#define vfio_pin_pages(device, iova, npage, prot, pages) \
	compat_vfio_pin_pages(device, iova, npage, prot, pages)
#define vfio_unpin_pages(device, iova, npage) compat_vfio_unpin_pages(device, iova, npage)
#define vfio_dma_rw(device, iova, data, len, write) \
	compat_vfio_dma_rw(device, iova, data, len, write)

/* The tree has no sets of devices that are reset together. */
static inline int vfio_assign_device_set(struct vfio_device *device, void *set_id)
{
	return 0;
}

/* For drivers whose release callback frees the memory: here, it is freed after the callback. */
static inline void vfio_free_device(struct vfio_device *device)
{
}

/**
 * vfio_check_feature() - check a request for a feature
 * @flags: as in the device_feature callback
 * @argsz: as in the device_feature callback
 * @supported: VFIO_DEVICE_FEATURE_GET and VFIO_DEVICE_FEATURE_SET, as the feature supports them
 * @minsz: minimum size of the data
 *
 * Return: 1 to continue; otherwise the value that the callback must return.
 */
static inline int vfio_check_feature(u32 flags, size_t argsz, u32 supported, size_t minsz)
{
	u32 asked = flags & (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET);

	if (asked & ~supported)
		return -EINVAL;
	if (flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	return asked && argsz >= minsz ? 1 : -EINVAL;
}

/* The tree has no iommufd. */
#define vfio_iommufd_emulated_bind NULL
#define vfio_iommufd_emulated_unbind NULL
#define vfio_iommufd_emulated_attach_ioas NULL
#define vfio_iommufd_emulated_detach_ioas NULL

#endif /* COMPAT_VFIO_VFIO_H */
