// SPDX-License-Identifier: GPL-2.0-only
/*
 * A struct vfio_device that drivers embed, over a vfio that is given a device, a table of
 * callbacks and a pointer
 *
 * Two counts, as on trees that have it: &vfio_device.kref holds the memory, from
 * vfio_alloc_device() to the last vfio_put_device(); the tree's count holds the registration, and
 * vfio_unregister_group_dev() waits for it. An open device file holds the second.
 */
#include "linux/vfio.h"

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "emulated_iommu.h"
#include "vfio_region_info.h"

/* how many page numbers go onto the stack, and to type1, at a time */
#define PIN_BATCH 32

/* What notifiers tell */

static int vfio_device_kvm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vfio_device *device = container_of(nb, struct vfio_device, kvm_nb);

	if (action == VFIO_GROUP_NOTIFY_SET_KVM)
		WRITE_ONCE(device->kvm, data);
	return NOTIFY_OK;
}

static int vfio_device_dma_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vfio_device *device = container_of(nb, struct vfio_device, dma_nb);
	struct vfio_iommu_type1_dma_unmap *unmap = data;

	if (action == VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		device->ops->dma_unmap(device, unmap->iova, unmap->size);
	return NOTIFY_OK;
}

/* The device file */

static int vfio_device_first_open(struct vfio_device *device)
{
	unsigned long unmap = VFIO_IOMMU_NOTIFY_DMA_UNMAP, kvm = VFIO_GROUP_NOTIFY_SET_KVM;
	const struct vfio_device_ops *ops = device->ops;
	int ret;

	lockdep_assert_held(&device->lock);
	/* before open_device, which is to see the virtual machine: registering tells it */
	ret = vfio_register_notifier(device->dev, VFIO_GROUP_NOTIFY, &kvm, &device->kvm_nb);
	if (ret)
		return ret;
	if (ops->open_device) {
		ret = ops->open_device(device);
		if (ret)
			goto unregister_kvm;
	}
	/* after it, because an unmap is told only to a driver that is open */
	if (ops->dma_unmap) {
		ret = vfio_register_notifier(device->dev, VFIO_IOMMU_NOTIFY, &unmap,
					     &device->dma_nb);
		if (ret)
			goto close;
	}
	return 0;

close:
	if (ops->close_device)
		ops->close_device(device);
unregister_kvm:
	vfio_unregister_notifier(device->dev, VFIO_GROUP_NOTIFY, &device->kvm_nb);
	device->kvm = NULL;
	return ret;
}

static void vfio_device_last_close(struct vfio_device *device)
{
	const struct vfio_device_ops *ops = device->ops;

	lockdep_assert_held(&device->lock);
	if (ops->close_device)
		ops->close_device(device);
	if (ops->dma_unmap)
		vfio_unregister_notifier(device->dev, VFIO_IOMMU_NOTIFY, &device->dma_nb);
	vfio_unregister_notifier(device->dev, VFIO_GROUP_NOTIFY, &device->kvm_nb);
	device->kvm = NULL;
}

static int vfio_device_open(void *data)
{
	struct vfio_device *device = data;
	int ret = 0;

	/* pairs with module_put() in vfio_device_release() */
	if (!try_module_get(device->dev->driver->owner))
		return -ENODEV;

	mutex_lock(&device->lock);
	if (!device->open_count)
		ret = vfio_device_first_open(device);
	if (!ret)
		device->open_count++;
	mutex_unlock(&device->lock);
	if (ret)
		module_put(device->dev->driver->owner);
	return ret;
}

static void vfio_device_release(void *data)
{
	struct vfio_device *device = data;

	mutex_lock(&device->lock);
	if (!--device->open_count)
		vfio_device_last_close(device);
	mutex_unlock(&device->lock);
	module_put(device->dev->driver->owner);
}

static ssize_t vfio_device_read(void *data, char __user *buf, size_t count, loff_t *ppos)
{
	struct vfio_device *device = data;

	return device->ops->read ? device->ops->read(device, buf, count, ppos) : -EINVAL;
}

static ssize_t vfio_device_write(void *data, const char __user *buf, size_t count, loff_t *ppos)
{
	struct vfio_device *device = data;

	return device->ops->write ? device->ops->write(device, buf, count, ppos) : -EINVAL;
}

static int vfio_device_mmap(void *data, struct vm_area_struct *vma)
{
	struct vfio_device *device = data;

	return device->ops->mmap ? device->ops->mmap(device, vma) : -EINVAL;
}

static void vfio_device_request(void *data, unsigned int count)
{
	struct vfio_device *device = data;

	if (device->ops->request)
		device->ops->request(device, count);
}

static int vfio_device_match(void *data, char *buf)
{
	struct vfio_device *device = data;

	if (device->ops->match)
		return device->ops->match(device, buf);
	return !strcmp(dev_name(device->dev), buf);
}

static long vfio_device_feature(struct vfio_device *device,
				struct vfio_device_feature __user *arg)
{
	const u32 get_set = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
	const size_t size = offsetofend(struct vfio_device_feature, flags);
	struct vfio_device_feature feature;

	if (copy_from_user(&feature, arg, size))
		return -EFAULT;
	if (feature.argsz < size)
		return -EINVAL;
	if (feature.flags & ~(VFIO_DEVICE_FEATURE_MASK | get_set | VFIO_DEVICE_FEATURE_PROBE))
		return -EINVAL;
	/* a probe may ask for both, nobody can do both at once */
	if ((feature.flags & get_set) == get_set && !(feature.flags & VFIO_DEVICE_FEATURE_PROBE))
		return -EINVAL;
	if (!device->ops->device_feature)
		return -ENOTTY;
	return device->ops->device_feature(device, feature.flags, arg->data, feature.argsz - size);
}

static long vfio_device_ioctl(void *data, unsigned int cmd, unsigned long arg)
{
	struct vfio_device *device = data;

	if (cmd == VFIO_DEVICE_FEATURE)
		return vfio_device_feature(device, (void __user *)arg);
	if (cmd == VFIO_DEVICE_GET_REGION_INFO && device->ops->get_region_info_caps)
		return compat_vfio_region_info(device, (void __user *)arg,
					       device->ops->get_region_info_caps);
	return device->ops->ioctl ? device->ops->ioctl(device, cmd, arg) : -EINVAL;
}

static const struct tree_vfio_device_ops vfio_device_tree_ops = {
	.name = "vfio-device",
	.open = vfio_device_open,
	.release = vfio_device_release,
	.read = vfio_device_read,
	.write = vfio_device_write,
	.ioctl = vfio_device_ioctl,
	.mmap = vfio_device_mmap,
	.request = vfio_device_request,
	.match = vfio_device_match,
};

/* The memory */

/**
 * vfio_alloc_device() - allocate a structure of a driver that begins with a vfio device
 * @size: the size of the structure
 * @dev: the device that it is for
 * @ops: the driver's callbacks
 *
 * Context: may sleep. The caller owns the only reference, which vfio_put_device() drops.
 * Return: the structure, or an ERR_PTR(): -ENOMEM or what the init callback returned.
 */
void *compat_vfio_alloc_device(size_t size, struct device *dev, const struct vfio_device_ops *ops)
{
	struct vfio_device *device;
	int ret;

	if (WARN_ON(size < sizeof(*device)))
		return ERR_PTR(-EINVAL);
	device = kvzalloc(size, GFP_KERNEL);
	if (!device)
		return ERR_PTR(-ENOMEM);

	device->dev = dev;
	device->ops = ops;
	kref_init(&device->kref);
	mutex_init(&device->lock);
	device->kvm_nb.notifier_call = vfio_device_kvm_notify;
	device->dma_nb.notifier_call = vfio_device_dma_notify;
	vfio_init_group_dev(&device->tree, dev, &vfio_device_tree_ops, device);

	if (ops->init) {
		ret = ops->init(device);
		if (ret) {
			kvfree(device);
			return ERR_PTR(ret);
		}
	}
	return device;
}
EXPORT_SYMBOL_GPL(compat_vfio_alloc_device);

static void vfio_device_free(struct kref *kref)
{
	struct vfio_device *device = container_of(kref, struct vfio_device, kref);

	if (device->ops->release)
		device->ops->release(device);
	kvfree(device);
}

/**
 * vfio_put_device() - drop a reference on the memory of a vfio device
 * @device: the vfio device, not registered
 *
 * Context: may sleep; the release callback runs when it is the last reference.
 */
void compat_vfio_put_device(struct vfio_device *device)
{
	kref_put(&device->kref, vfio_device_free);
}
EXPORT_SYMBOL_GPL(compat_vfio_put_device);

/* The registration */

/**
 * vfio_register_emulated_iommu_dev() - offer a device without an IOMMU to user space
 * @device: the vfio device of an mdev
 *
 * Context: may sleep. The user may open it before this returns. Pairs with
 * vfio_unregister_group_dev().
 * Return: 0, or the error of making an IOMMU group or of the tree's vfio.
 */
int compat_vfio_register_emulated_iommu_dev(struct vfio_device *device)
{
	int ret;

	ret = compat_emulated_iommu_add(device->dev);
	if (ret)
		return ret;
	ret = vfio_register_group_dev(&device->tree);
	if (ret)
		iommu_group_remove_device(device->dev);
	return ret;
}
EXPORT_SYMBOL_GPL(compat_vfio_register_emulated_iommu_dev);

/**
 * vfio_unregister_group_dev() - withdraw a device from user space
 * @device: a registered vfio device
 *
 * Context: may sleep, until the user has let go; the request callback asks him to, at once and
 * then every ten seconds.
 */
void compat_vfio_unregister_group_dev(struct vfio_device *device)
{
	(vfio_unregister_group_dev)(&device->tree);
	iommu_group_remove_device(device->dev);
}
EXPORT_SYMBOL_GPL(compat_vfio_unregister_group_dev);

/**
 * vfio_device_try_get_registration() - keep a vfio device registered
 * @device: the vfio device; the caller keeps its memory
 *
 * Context: any.
 * Return: whether it was registered; then vfio_device_put_registration() must follow.
 */
bool compat_vfio_device_try_get_registration(struct vfio_device *device)
{
	return refcount_inc_not_zero(&device->tree.refcount);
}
EXPORT_SYMBOL_GPL(compat_vfio_device_try_get_registration);

/**
 * vfio_device_put_registration() - no longer keep a vfio device registered
 * @device: one for which vfio_device_try_get_registration() returned true
 *
 * Context: any.
 */
void compat_vfio_device_put_registration(struct vfio_device *device)
{
	vfio_device_put(&device->tree);
}
EXPORT_SYMBOL_GPL(compat_vfio_device_put_registration);

/* The user's memory */

static void vfio_device_fill(unsigned long *pfn, dma_addr_t iova, int npage)
{
	while (npage--)
		pfn[npage] = (iova >> PAGE_SHIFT) + npage;
}

/**
 * vfio_unpin_pages() - give back pages of the user
 * @device: an open vfio device
 * @iova: where they begin, as given to vfio_pin_pages()
 * @npage: how many
 *
 * Context: may sleep.
 */
void compat_vfio_unpin_pages(struct vfio_device *device, dma_addr_t iova, int npage)
{
	unsigned long user[PIN_BATCH];
	int n, ret;

	/* in batches on the stack: unpinning must not fail for want of memory */
	for (; npage > 0; npage -= n, iova += (dma_addr_t)n << PAGE_SHIFT) {
		n = min(npage, PIN_BATCH);
		vfio_device_fill(user, iova, n);
		ret = (vfio_unpin_pages)(device->dev, user, n);
		WARN_ON_ONCE(ret < 0);
	}
}
EXPORT_SYMBOL_GPL(compat_vfio_unpin_pages);

/**
 * vfio_pin_pages() - keep pages of the user in memory
 * @device: an open vfio device
 * @iova: the user's address of the first
 * @npage: how many, at most VFIO_PIN_PAGES_MAX_ENTRIES
 * @prot: IOMMU_READ, IOMMU_WRITE
 * @pages: filled with the pages
 *
 * Context: may sleep. vfio_unpin_pages() gives them back.
 * Return: @npage, or an error, and then none is pinned.
 */
int compat_vfio_pin_pages(struct vfio_device *device, dma_addr_t iova, int npage, int prot,
			  struct page **pages)
{
	unsigned long user[PIN_BATCH], host[PIN_BATCH];
	int done, n, i, ret;

	if (!pages || npage <= 0)
		return -EINVAL;
	if (npage > VFIO_PIN_PAGES_MAX_ENTRIES)
		return -E2BIG;

	for (done = 0; done < npage; done += n) {
		dma_addr_t start = iova + ((dma_addr_t)done << PAGE_SHIFT);

		n = min(npage - done, PIN_BATCH);
		vfio_device_fill(user, start, n);
		ret = (vfio_pin_pages)(device->dev, user, n, prot, host);
		if (ret != n) {
			/* type1 pins all or none; who pins some must take them back */
			if (ret > 0)
				compat_vfio_unpin_pages(device, start, ret);
			compat_vfio_unpin_pages(device, iova, done);
			return ret < 0 ? ret : -EFAULT;
		}
		for (i = 0; i < n; i++)
			pages[done + i] = pfn_to_page(host[i]);
	}
	return done;
}
EXPORT_SYMBOL_GPL(compat_vfio_pin_pages);

/**
 * vfio_dma_rw() - copy from or to the user's memory by DMA address
 * @device: an open vfio device
 * @iova: the user's address
 * @data: our memory
 * @len: how many bytes
 * @write: to the user
 *
 * Context: may sleep.
 * Return: 0 or an error.
 */
int compat_vfio_dma_rw(struct vfio_device *device, dma_addr_t iova, void *data, size_t len,
		       bool write)
{
	return (vfio_dma_rw)(device->tree.group, iova, data, len, write);
}
EXPORT_SYMBOL_GPL(compat_vfio_dma_rw);
