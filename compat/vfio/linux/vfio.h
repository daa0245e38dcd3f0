/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/vfio.h> with a struct vfio_device that drivers embed, on a tree whose vfio is given a
 * device, a table of callbacks and a pointer
 *
 * For drivers of that API only, whose Makefile puts the folder of this file first in the search
 * path (MDEV_COMPAT_DRIVER, see compat/Kbuild.include): the tree's own drivers of mdevs use
 * functions of the same names with other arguments.
 *
 * The structures of the tree become struct tree_vfio_device and struct tree_vfio_device_ops here.
 * Functions that the tree has too, with other arguments, are macros for functions called
 * compat_vfio_...; a name in parentheses, as in (vfio_pin_pages)(...), is the tree's function.
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
 * @dev: the device; a reference is the driver's to hold
 * @ops: the driver's callbacks
 * @kvm: the virtual machine that the user runs, or NULL; to be read in open_device
 * @tree: what the tree's vfio knows
 * @kref: how many hold the memory
 * @lock: for @open_count, and held while open_device and close_device run
 * @open_count: how many device files are open
 * @kvm_nb: follows @kvm while a device file is open
 * @dma_nb: hears of DMA unmaps while a device file is open
 */
struct vfio_device {
	struct device *dev;
	const struct vfio_device_ops *ops;
	struct kvm *kvm;

	/* private to compat/vfio/vfio_device.c */
	struct tree_vfio_device tree;
	struct kref kref;
	/* for open_count and what happens when it leaves or reaches 0 */
	struct mutex lock;
	unsigned int open_count;
	struct notifier_block kvm_nb;
	struct notifier_block dma_nb;
};

/**
 * struct vfio_device_ops - what a driver does for its vfio device
 * @name: for messages
 * @init: fill in the driver's part of the structure
 * @release: undo @init; the memory is freed after it
 * @bind_iommufd: not called: there is no iommufd here
 * @unbind_iommufd: not called
 * @attach_ioas: not called
 * @detach_ioas: not called
 * @open_device: the first device file is opened
 * @close_device: the last device file is closed
 * @read: read(2)
 * @write: write(2)
 * @ioctl: ioctl(2), but for what the next two callbacks do
 * @get_region_info_caps: VFIO_DEVICE_GET_REGION_INFO; without it, @ioctl is asked
 * @mmap: mmap(2)
 * @request: the device is to be unregistered: ask the user to let go. Repeated until he does
 * @match: whether a name means this device; without it, the name of @vfio_device.dev does
 * @match_token_uuid: not called
 * @dma_unmap: user space takes back a range; its pages must be unpinned when this returns
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

/* The structure must begin with the vfio device: its memory is freed by that pointer. */
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

/* There are no sets of devices that are reset together. */
static inline int vfio_assign_device_set(struct vfio_device *device, void *set_id)
{
	return 0;
}

/* For drivers whose release callback frees the memory: here it is freed when that returns. */
static inline void vfio_free_device(struct vfio_device *device)
{
}

/**
 * vfio_check_feature() - check what user space asks of a feature
 * @flags: from the device_feature callback
 * @argsz: likewise
 * @supported: which of VFIO_DEVICE_FEATURE_GET and VFIO_DEVICE_FEATURE_SET the feature has
 * @minsz: how large its data is at least
 *
 * Return: 1 to go on, otherwise what the callback is to return.
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

/* There is no iommufd. */
#define vfio_iommufd_emulated_bind NULL
#define vfio_iommufd_emulated_unbind NULL
#define vfio_iommufd_emulated_attach_ioas NULL
#define vfio_iommufd_emulated_detach_ioas NULL

#endif /* COMPAT_VFIO_VFIO_H */
