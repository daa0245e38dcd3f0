// SPDX-License-Identifier: GPL-2.0-only
/*
 * A struct vfio_device that drivers embed, for a tree whose vfio takes a device, a table of
 * callbacks and a pointer
 *
 * Two counts, as in newer trees: &vfio_device.kref keeps the memory, from vfio_alloc_device() until
 * the last vfio_put_device(). The count of the tree keeps the registration, and
 * vfio_unregister_group_dev() waits for it. An open device file holds the registration.
 */
#include "linux/vfio.h"

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "emulated_iommu.h"
#include "vfio_region_info.h"

/* number of page numbers per call of type1; they are on the stack */
#define PIN_BATCH 32

/* Notifiers */

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

	if (action != VFIO_IOMMU_NOTIFY_DMA_UNMAP)
		return NOTIFY_OK;
	mutex_lock(&device->dma_lock);
	if (device->dma_open)
		device->ops->dma_unmap(device, unmap->iova, unmap->size);
	mutex_unlock(&device->dma_lock);
	return NOTIFY_OK;
}

/* The device file */

static int vfio_device_call_open(struct vfio_device *device)
{
	int ret = 0;

	mutex_lock(&device->dma_lock);
	if (device->ops->open_device)
		ret = device->ops->open_device(device);
	device->dma_open = !ret;
	mutex_unlock(&device->dma_lock);
	return ret;
}

static void vfio_device_call_close(struct vfio_device *device)
{
	mutex_lock(&device->dma_lock);
	if (device->ops->close_device)
		device->ops->close_device(device);
	device->dma_open = false;
	mutex_unlock(&device->dma_lock);
}

static int vfio_device_first_open(struct vfio_device *device)
{
	unsigned long unmap = VFIO_IOMMU_NOTIFY_DMA_UNMAP, kvm = VFIO_GROUP_NOTIFY_SET_KVM;
	int ret;

	lockdep_assert_held(&device->lock);
	/* before open_device, which uses the virtual machine: registering reports it */
	ret = vfio_register_notifier(device->dev, VFIO_GROUP_NOTIFY, &kvm, &device->kvm_nb);
	if (ret)
		return ret;
	/*
	 * Before open_device, which may pin pages: no unmap is missed. The notifier waits for
	 * dma_lock until the device is open.
	 */
	if (device->ops->dma_unmap) {
		ret = vfio_register_notifier(device->dev, VFIO_IOMMU_NOTIFY, &unmap,
					     &device->dma_nb);
		if (ret)
			goto unregister_kvm;
	}
	ret = vfio_device_call_open(device);
	if (ret)
		goto unregister_dma;
	return 0;

unregister_dma:
	if (device->ops->dma_unmap)
		vfio_unregister_notifier(device->dev, VFIO_IOMMU_NOTIFY, &device->dma_nb);
unregister_kvm:
	vfio_unregister_notifier(device->dev, VFIO_GROUP_NOTIFY, &device->kvm_nb);
	device->kvm = NULL;
	return ret;
}

static void vfio_device_last_close(struct vfio_device *device)
{
	lockdep_assert_held(&device->lock);
	vfio_device_call_close(device);
	if (device->ops->dma_unmap)
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
	/* only a probe may have both flags */
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

/* Memory */

/**
 * compat_vfio_alloc_device() - allocate a structure of a driver whose first member is a vfio device
 * @size: the size of the structure
 * @dev: the device
 * @ops: the callbacks of the driver
 *
 * Context: may sleep. The caller owns the only reference, which vfio_put_device() drops.
 * Return: the structure, or an ERR_PTR(): -ENOMEM or the error of the init callback.
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
	mutex_init(&device->dma_lock);
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
 * compat_vfio_put_device() - drop a reference on the memory of a vfio device
 * @device: the vfio device, not registered
 *
 * Context: may sleep; calls the release callback if it is the last reference.
 */
void compat_vfio_put_device(struct vfio_device *device)
{
	kref_put(&device->kref, vfio_device_free);
}
EXPORT_SYMBOL_GPL(compat_vfio_put_device);

/* Registration */

/**
 * compat_vfio_register_emulated_iommu_dev() - register a device without an IOMMU
 * @device: the vfio device of an mdev
 *
 * Context: may sleep. The user may open the device before this returns. Pairs with
 * vfio_unregister_group_dev().
 * Return: 0, or the error of allocating an IOMMU group or of the tree's vfio.
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
 * compat_vfio_unregister_group_dev() - unregister a device
 * @device: a registered vfio device
 *
 * Context: may sleep, until the user has closed the device. Calls the request callback at once and
 * then every ten seconds.
 */
void compat_vfio_unregister_group_dev(struct vfio_device *device)
{
	(vfio_unregister_group_dev)(&device->tree);
	iommu_group_remove_device(device->dev);
}
EXPORT_SYMBOL_GPL(compat_vfio_unregister_group_dev);

/**
 * compat_vfio_device_try_get_registration() - keep a vfio device registered
 * @device: the vfio device; the caller keeps its memory
 *
 * Context: any. Pairs with vfio_device_put_registration().
 * Return: true if the device is registered; false otherwise.
 */
bool compat_vfio_device_try_get_registration(struct vfio_device *device)
{
	return refcount_inc_not_zero(&device->tree.refcount);
}
EXPORT_SYMBOL_GPL(compat_vfio_device_try_get_registration);

/**
 * compat_vfio_device_put_registration() - stop keeping a vfio device registered
 * @device: one for which vfio_device_try_get_registration() returned true
 *
 * Context: any.
 */
void compat_vfio_device_put_registration(struct vfio_device *device)
{
	vfio_device_put(&device->tree);
}
EXPORT_SYMBOL_GPL(compat_vfio_device_put_registration);

/* Memory of the user */

static void vfio_device_fill(unsigned long *pfn, dma_addr_t iova, int npage)
{
	while (npage--)
		pfn[npage] = (iova >> PAGE_SHIFT) + npage;
}

/**
 * compat_vfio_unpin_pages() - unpin pages of the user
 * @device: an open vfio device
 * @iova: the DMA address of the first page, as for vfio_pin_pages()
 * @npage: number of pages
 *
 * Context: may sleep.
 */
void compat_vfio_unpin_pages(struct vfio_device *device, dma_addr_t iova, int npage)
{
	unsigned long user[PIN_BATCH];
	int n, ret;

	/* in batches on the stack: unpinning must not fail for lack of memory */
	for (; npage > 0; npage -= n, iova += (dma_addr_t)n << PAGE_SHIFT) {
		n = min(npage, PIN_BATCH);
		vfio_device_fill(user, iova, n);
		ret = (vfio_unpin_pages)(device->dev, user, n);
		WARN_ON_ONCE(ret < 0);
	}
}
EXPORT_SYMBOL_GPL(compat_vfio_unpin_pages);

/**
 * compat_vfio_pin_pages() - pin pages of the user
 * @device: an open vfio device
 * @iova: the DMA address of the first page
 * @npage: number of pages, at most VFIO_PIN_PAGES_MAX_ENTRIES
 * @prot: IOMMU_READ, IOMMU_WRITE
 * @pages: filled with the pages
 *
 * Context: may sleep. Pairs with vfio_unpin_pages().
 * Return: @npage, or an error; then no page is pinned.
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
			/* type1 pins all pages or none; another backend may pin some */
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
 * compat_vfio_dma_rw() - read or write memory of the user by DMA address
 * @device: an open vfio device
 * @iova: the DMA address
 * @data: kernel memory
 * @len: number of bytes
 * @write: write to the user if true, read from the user otherwise
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
