// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the mdev driver and its vfio device
 *
 * The tables of callbacks, the interface to user space and the messages are those of
 * vfio_ccw_ops.c in Linux 7.3:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 * Author(s): Dong Jia Shi <bjsdjshi@linux.vnet.ibm.com>
 *            Xiao Feng Ren <renxiaof@linux.vnet.ibm.com>
 *            Cornelia Huck <cohuck@redhat.com>
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "vfio_ccw_private.h"

static struct vfio_ccw_private *to_private(struct vfio_device *vdev)
{
	return container_of(vdev, struct vfio_ccw_private, vdev);
}

static struct vfio_ccw_parent *to_vfio_ccw_parent(struct mdev_device *mdev)
{
	return container_of(mdev->type->parent, struct vfio_ccw_parent, parent);
}

/* Lifetime of the private data */

static int vfio_ccw_mdev_init_dev(struct vfio_device *vdev)
{
	struct vfio_ccw_private *private = to_private(vdev);
	int ret;

	/* vfio_register_emulated_iommu_dev() would do it, and ignore the error */
	ret = vfio_assign_device_set(vdev, vdev);
	if (ret)
		return ret;

	private->sch = to_subchannel(vdev->dev->parent);
	mutex_init(&private->io_mutex);
	vfio_ccw_crw_init(private);
	vfio_ccw_fsm_init(private);
	vfio_ccw_program_init(&private->program, vdev);
	return 0;
}

/*
 * The last reference was dropped. Close has undone open: no work item is queued or runs, the queue
 * of channel reports is empty, and the memory for channel programs is freed.
 */
static void vfio_ccw_mdev_release_dev(struct vfio_device *vdev)
{
	struct vfio_ccw_private *private = to_private(vdev);

	vfio_ccw_program_exit(&private->program);
	mutex_destroy(&private->io_mutex);
}

/* Open, close, reset */

/* Whether @dev, a child of a subchannel, is a ccw device. Its bus is not exported. */
static int vfio_ccw_is_ccw_device(struct device *dev, void *unused)
{
	return dev->bus && !strcmp(dev->bus->name, "ccw");
}

/*
 * io_subchannel may register a ccw device after it was unbound. The driver of that device starts
 * I/O on the subchannel, whose interrupts would be ours. s390_late_work.cocci mends it in the tree.
 */
static bool vfio_ccw_has_ccw_device(struct subchannel *sch)
{
	if (!device_for_each_child(&sch->dev, NULL, vfio_ccw_is_ccw_device))
		return false;
	dev_warn_ratelimited(&sch->dev,
			     "in use by a ccw device: unbind, write to /proc/cio_settle, bind again\n");
	return true;
}

static int vfio_ccw_mdev_open_device(struct vfio_device *vdev)
{
	struct vfio_ccw_private *private = to_private(vdev);
	int ret;

	if (vfio_ccw_has_ccw_device(private->sch))
		return -EBUSY;

	mutex_lock(&private->io_mutex);
	/* do not leak the last user's data to the next one */
	memset(&private->io_region, 0, sizeof(private->io_region));
	memset(&private->cmd_region, 0, sizeof(private->cmd_region));
	ret = vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_OPEN);
	mutex_unlock(&private->io_mutex);
	return ret;
}

/* Set *@trigger to @ctx, and put the old context. */
static void vfio_ccw_set_trigger(struct vfio_ccw_private *private, struct eventfd_ctx **trigger,
				 struct eventfd_ctx *ctx)
{
	unsigned long flags;

	spin_lock_irqsave(&private->crw_lock, flags);
	swap(*trigger, ctx);
	spin_unlock_irqrestore(&private->crw_lock, flags);
	if (ctx)
		eventfd_ctx_put(ctx);
}

static void vfio_ccw_mdev_close_device(struct vfio_device *vdev)
{
	struct vfio_ccw_private *private = to_private(vdev);

	mutex_lock(&private->io_mutex);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
	mutex_unlock(&private->io_mutex);

	vfio_ccw_fsm_drain(private);
	mutex_lock(&private->io_mutex);
	if (vfio_ccw_fsm_closed(private))
		to_vfio_ccw_parent(to_mdev_device(vdev->dev))->gone = true;
	mutex_unlock(&private->io_mutex);
	vfio_ccw_crw_drop(private);
	vfio_ccw_set_trigger(private, &private->io_trigger, NULL);
	vfio_ccw_set_trigger(private, &private->crw_trigger, NULL);
	vfio_ccw_set_trigger(private, &private->req_trigger, NULL);
}

/*
 * Close and open under one hold of io_mutex: neither a start nor another reset sees or changes the
 * state in between.
 */
static int vfio_ccw_reset(struct vfio_ccw_private *private)
{
	int ret;

	lockdep_assert_held(&private->io_mutex);
	ret = vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
	if (!ret)
		ret = vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_OPEN);
	return ret;
}

/*
 * Pages are pinned and unpinned under io_mutex: once it is taken, none is pinned but those of the
 * loaded program. vfio calls this before open and after close too: a device that is closed has no
 * program, and must not be opened by a reset.
 */
static void vfio_ccw_mdev_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	struct vfio_ccw_private *private = to_private(vdev);

	mutex_lock(&private->io_mutex);
	/* the channel must stop before the pages of a running program are unpinned */
	if (vfio_ccw_program_exclude(&private->program, iova, length) &&
	    !vfio_ccw_fsm_unload(private))
		vfio_ccw_reset(private);
	mutex_unlock(&private->io_mutex);
}

static void vfio_ccw_mdev_request(struct vfio_device *vdev, unsigned int count)
{
	vfio_ccw_ask_user(to_private(vdev), count);
}

/* Regions */

static ssize_t vfio_ccw_mdev_read(struct vfio_device *vdev, char __user *buf, size_t count,
				  loff_t *ppos)
{
	return vfio_ccw_region_read(to_private(vdev), buf, count, *ppos);
}

static ssize_t vfio_ccw_mdev_write(struct vfio_device *vdev, const char __user *buf, size_t count,
				   loff_t *ppos)
{
	return vfio_ccw_region_write(to_private(vdev), buf, count, *ppos);
}

static int vfio_ccw_mdev_get_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
					 struct vfio_info_cap *caps)
{
	return vfio_ccw_region_info(info, caps);
}

/* Interrupts */

static struct eventfd_ctx **vfio_ccw_trigger(struct vfio_ccw_private *private, u32 index)
{
	switch (index) {
	case VFIO_CCW_IO_IRQ_INDEX:
		return &private->io_trigger;
	case VFIO_CCW_CRW_IRQ_INDEX:
		return &private->crw_trigger;
	case VFIO_CCW_REQ_IRQ_INDEX:
		return &private->req_trigger;
	}
	return NULL;
}

static int vfio_ccw_set_irq_fd(struct vfio_ccw_private *private, struct eventfd_ctx **trigger,
			       s32 fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd < -1)
		return -EINVAL;
	if (fd >= 0) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	vfio_ccw_set_trigger(private, trigger, ctx);
	return 0;
}

static int vfio_ccw_set_irqs(struct vfio_ccw_private *private, u32 flags, u32 index,
			     void __user *data)
{
	struct eventfd_ctx **trigger = vfio_ccw_trigger(private, index);
	u8 fire = 1;
	s32 fd;

	if (!trigger || !(flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;

	switch (flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (get_user(fd, (s32 __user *)data))
			return -EFAULT;
		return vfio_ccw_set_irq_fd(private, trigger, fd);
	case VFIO_IRQ_SET_DATA_BOOL:
		if (get_user(fire, (u8 __user *)data))
			return -EFAULT;
		fallthrough;
	case VFIO_IRQ_SET_DATA_NONE:
		if (fire)
			vfio_ccw_signal(private, trigger);
		return 0;
	}
	return -EINVAL;
}

/* Other ioctls */

static int vfio_ccw_ioctl_info(struct vfio_ccw_private *private, void __user *arg)
{
	const size_t size = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, size))
		return -EFAULT;
	if (info.argsz < size)
		return -EINVAL;

	info.flags = VFIO_DEVICE_FLAGS_CCW | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_CCW_REGIONS;
	info.num_irqs = VFIO_CCW_NUM_IRQS;
	return copy_to_user(arg, &info, size) ? -EFAULT : 0;
}

static int vfio_ccw_ioctl_irq_info(struct vfio_ccw_private *private, void __user *arg)
{
	const size_t size = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;

	if (copy_from_user(&info, arg, size))
		return -EFAULT;
	if (info.argsz < size || !vfio_ccw_trigger(private, info.index))
		return -EINVAL;

	info.flags = VFIO_IRQ_INFO_EVENTFD;
	info.count = 1;
	return copy_to_user(arg, &info, size) ? -EFAULT : 0;
}

static int vfio_ccw_ioctl_set_irqs(struct vfio_ccw_private *private, void __user *arg)
{
	const size_t size = offsetofend(struct vfio_irq_set, count);
	struct vfio_irq_set hdr;
	size_t data_size;
	int ret;

	if (copy_from_user(&hdr, arg, size))
		return -EFAULT;
	ret = vfio_set_irqs_validate_and_prepare(&hdr, 1, VFIO_CCW_NUM_IRQS, &data_size);
	if (ret)
		return ret;
	return vfio_ccw_set_irqs(private, hdr.flags, hdr.index, arg + size);
}

static long vfio_ccw_mdev_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct vfio_ccw_private *private = to_private(vdev);
	void __user *uarg = (void __user *)arg;
	int ret;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return vfio_ccw_ioctl_info(private, uarg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return vfio_ccw_ioctl_irq_info(private, uarg);
	case VFIO_DEVICE_SET_IRQS:
		return vfio_ccw_ioctl_set_irqs(private, uarg);
	case VFIO_DEVICE_RESET:
		mutex_lock(&private->io_mutex);
		ret = vfio_ccw_reset(private);
		mutex_unlock(&private->io_mutex);
		return ret;
	}
	return -ENOTTY;
}

static const struct vfio_device_ops vfio_ccw_dev_ops = {
	.name			= "vfio-ccw",
	.init			= vfio_ccw_mdev_init_dev,
	.release		= vfio_ccw_mdev_release_dev,
	.bind_iommufd		= vfio_iommufd_emulated_bind,
	.unbind_iommufd		= vfio_iommufd_emulated_unbind,
	.attach_ioas		= vfio_iommufd_emulated_attach_ioas,
	.detach_ioas		= vfio_iommufd_emulated_detach_ioas,
	.open_device		= vfio_ccw_mdev_open_device,
	.close_device		= vfio_ccw_mdev_close_device,
	.read			= vfio_ccw_mdev_read,
	.write			= vfio_ccw_mdev_write,
	.ioctl			= vfio_ccw_mdev_ioctl,
	.get_region_info_caps	= vfio_ccw_mdev_get_region_info,
	.request		= vfio_ccw_mdev_request,
	.dma_unmap		= vfio_ccw_mdev_dma_unmap,
};

/* The mdev driver */

static struct vfio_ccw_private *vfio_ccw_alloc_private(struct mdev_device *mdev)
{
	return vfio_alloc_device(vfio_ccw_private, vdev, &mdev->dev, &vfio_ccw_dev_ops);
}

/* Publish @private, or with NULL hide it from callbacks. None looks at the old one any more. */
static void vfio_ccw_set_private(struct mdev_device *mdev, struct vfio_ccw_private *private)
{
	struct subchannel *sch = to_subchannel(mdev->dev.parent);

	spin_lock_irq(&sch->lock);
	to_vfio_ccw_parent(mdev)->private = private;
	spin_unlock_irq(&sch->lock);
}

static int vfio_ccw_mdev_probe(struct mdev_device *mdev)
{
	struct vfio_ccw_private *private;
	int ret;

	private = vfio_ccw_alloc_private(mdev);
	if (IS_ERR(private))
		return PTR_ERR(private);

	/*
	 * Publish, then register: the device may be opened at once, and needs its interrupts.
	 * vfio_ccw_get_private() returns NULL until it is registered.
	 */
	dev_set_drvdata(&mdev->dev, private);
	vfio_ccw_set_private(mdev, private);
	ret = vfio_register_emulated_iommu_dev(&private->vdev);
	if (ret) {
		vfio_ccw_set_private(mdev, NULL);
		vfio_put_device(&private->vdev);
		return ret;
	}
	VFIO_CCW_SCH_EVENT(2, private->sch, "create");
	return 0;
}

static void vfio_ccw_mdev_remove(struct mdev_device *mdev)
{
	struct vfio_ccw_private *private = dev_get_drvdata(&mdev->dev);

	VFIO_CCW_SCH_EVENT(2, private->sch, "remove");
	/*
	 * Unregister, then clear: unregistering waits for the user to close the device, which
	 * needs interrupts to quiesce, and for callbacks that hold a registration.
	 */
	vfio_unregister_group_dev(&private->vdev);
	vfio_ccw_set_private(mdev, NULL);
	vfio_ccw_fsm_removed(private);
	vfio_put_device(&private->vdev);
}

/* one mdev per subchannel */
struct mdev_driver vfio_ccw_mdev_driver = {
	.device_api = VFIO_DEVICE_API_CCW_STRING,
	.max_instances = 1,
	.probe = vfio_ccw_mdev_probe,
	.remove = vfio_ccw_mdev_remove,
	.driver = {
		.name = "vfio_ccw_mdev",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
	},
};
