// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the css driver and the module
 *
 * css calls the driver while mdevs are created and removed, and while the driver is bound and
 * unbound. So each callback handles the subchannel with or without an mdev, under its lock. It gets
 * the mdev from vfio_ccw_get_private(), which keeps the mdev until vfio_ccw_put_private().
 *
 * The callbacks, their trace events and the driver's names are those of
 * vfio_ccw_drv.c in Linux 7.3:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 * Author(s): Dong Jia Shi <bjsdjshi@linux.vnet.ibm.com>
 *            Xiao Feng Ren <renxiaof@linux.vnet.ibm.com>
 *            Cornelia Huck <cohuck@redhat.com>
 */
#include <linux/hardirq.h>
#include <linux/module.h>
#include <linux/rcupdate.h>	/* for module exit */
#include <linux/slab.h>
#include <linux/xarray.h>

#include <asm/irq.h>
#include <asm/isc.h>

#include "chp.h"
#include "vfio_ccw_private.h"

/*
 * The subchannels that are bound to this driver. css sets sch->driver without a lock, and another
 * driver may write to the driver data before this one is bound or long after it was unbound itself,
 * so callbacks trust neither. An entry is erased under the lock of its subchannel.
 */
static DEFINE_XARRAY_FLAGS(vfio_ccw_parents, XA_FLAGS_LOCK_IRQ);

static unsigned long vfio_ccw_index(struct subchannel *sch)
{
	return sch->schid.cssid << 24 | sch->schid.ssid << 16 | sch->schid.sch_no;
}

/* Context: any, under the lock of the subchannel, which keeps the result. */
static struct vfio_ccw_parent *vfio_ccw_get_parent(struct subchannel *sch)
	__must_hold(&sch->lock)
{
	lockdep_assert_held(&sch->lock);
	return xa_load(&vfio_ccw_parents, vfio_ccw_index(sch));
}

/**
 * vfio_ccw_get_private() - get the mediated subchannel of a subchannel
 * @sch: the subchannel
 *
 * The only way from a subchannel to its mdev. Succeeds only while the vfio device is registered,
 * and keeps it registered until vfio_ccw_put_private().
 *
 * Context: any, under the lock of the subchannel.
 * Return: the mediated subchannel, for vfio_ccw_put_private(), or NULL.
 */
static struct vfio_ccw_private *vfio_ccw_get_private(struct subchannel *sch)
	__must_hold(&sch->lock)
{
	struct vfio_ccw_parent *parent = vfio_ccw_get_parent(sch);

	if (!parent || !parent->private)
		return NULL;
	/* the count is 0 before the device is registered and after it was unregistered */
	if (!vfio_device_try_get_registration(&parent->private->vdev))
		return NULL;
	return parent->private;
}

/*
 * Context: any. Takes no lock except that of a completion, for which vfio_unregister_group_dev()
 * waits.
 */
static void vfio_ccw_put_private(struct vfio_ccw_private *private)
{
	if (private)
		vfio_device_put_registration(&private->vdev);
}

/* Hide a parent from callbacks. None uses it any more. */
static void vfio_ccw_erase_parent(struct subchannel *sch)
{
	spin_lock_irq(&sch->lock);
	xa_erase(&vfio_ccw_parents, vfio_ccw_index(sch));
	dev_set_drvdata(&sch->dev, NULL);
	spin_unlock_irq(&sch->lock);
}

/* Context: hard interrupt, under the lock of the subchannel. */
static void vfio_ccw_sch_irq(struct subchannel *sch)
{
	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);

	inc_irq_stat(IRQIO_CIO);
	if (private)
		vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_INTERRUPT);
	else if (vfio_ccw_get_parent(sch))
		vfio_ccw_sch_stray_irq(sch);
	vfio_ccw_put_private(private);
}

static int vfio_ccw_sch_probe(struct subchannel *sch)
{
	struct vfio_ccw_parent *parent;
	int ret;

	if (sch->schib.pmcw.qf) {
		dev_warn(&sch->dev, "vfio_ccw: cannot bind: QDIO subchannels are not supported\n");
		return -ENODEV;
	}

	parent = kzalloc_obj(*parent);
	if (!parent)
		return -ENOMEM;
	parent->type.sysfs_name = "io";
	parent->type.pretty_name = "I/O subchannel (Non-QDIO)";
	parent->types = &parent->type;

	/* paths may have been varied while no driver was bound */
	spin_lock_irq(&sch->lock);
	if (!cio_update_schib(sch))
		vfio_ccw_sch_update_paths(sch);
	spin_unlock_irq(&sch->lock);

	/* publish before registering: an mdev may be created and opened at once */
	dev_set_drvdata(&sch->dev, parent);
	ret = xa_insert_irq(&vfio_ccw_parents, vfio_ccw_index(sch), parent, GFP_KERNEL);
	if (ret)
		goto err_free;
	ret = mdev_register_parent(&parent->parent, &sch->dev, &vfio_ccw_mdev_driver,
				   &parent->types, 1);
	if (ret)
		goto err_erase;
	VFIO_CCW_SCH_EVENT(4, sch, "bound");
	return 0;

err_erase:
	vfio_ccw_erase_parent(sch);
err_free:
	dev_set_drvdata(&sch->dev, NULL);
	kfree(parent);
	return ret;
}

static void vfio_ccw_sch_remove(struct subchannel *sch)
{
	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);

	/* unregister, then clear: the user needs interrupts until the device is closed */
	mdev_unregister_parent(&parent->parent);
	vfio_ccw_erase_parent(sch);
	if (parent->gone)
		css_schedule_reprobe();
	kfree(parent);
	VFIO_CCW_SCH_EVENT(4, sch, "unbound");
}

/*
 * NOT_OPER prevents starts and resets from now on: each looks at the state under the lock of the
 * subchannel. io_mutex is not taken, because a user may hold it for as long as a page fault lasts.
 *
 * Context: may sleep, for at most half a minute.
 */
static void vfio_ccw_sch_shutdown(struct subchannel *sch)
{
	struct vfio_ccw_private *private;

	spin_lock_irq(&sch->lock);
	private = vfio_ccw_get_private(sch);
	if (private) {
		vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_NOT_OPER);
		vfio_ccw_sch_quiesce(sch, &private->quiesced);
	}
	spin_unlock_irq(&sch->lock);
	vfio_ccw_put_private(private);
}

/* css unregisters a subchannel without a device: now, or when the user has closed the mdev. */
static void vfio_ccw_device_gone(struct subchannel *sch)
	__must_hold(&sch->lock)
{
	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);

	if (private)
		vfio_ccw_fsm_gone(private);
	else
		vfio_ccw_sch_gone(sch);
	vfio_ccw_put_private(private);
}

/*
 * The subchannel may have changed: check whether its device still exists.
 *
 * Context: a kernel thread, without locks. css does not exclude bind and unbind: the subchannel may
 * belong to another driver by now, or to none.
 * Return: 0, or -EAGAIN to be called again after css has registered or unregistered the subchannel,
 * or to call the driver that it has now.
 */
static int vfio_ccw_sch_event(struct subchannel *sch, int process)
{
	unsigned long flags;
	int ret = -EAGAIN;

	spin_lock_irqsave(&sch->lock, flags);
	if (!vfio_ccw_get_parent(sch) || !device_is_registered(&sch->dev) ||
	    work_pending(&sch->todo_work))
		goto out_unlock;

	ret = 0;
	if (cio_update_schib(sch))
		vfio_ccw_device_gone(sch);
out_unlock:
	spin_unlock_irqrestore(&sch->lock, flags);
	return ret;
}

/* Tell the mdev, if there is one, when the path that the subchannel used last is lost. */
static void vfio_ccw_path_lost(struct subchannel *sch, int mask)
	__must_hold(&sch->lock)
{
	struct vfio_ccw_private *private;

	if (!(sch->schib.pmcw.lpum & mask))
		return;
	private = vfio_ccw_get_private(sch);
	if (private)
		vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_PATH_LOST);
	vfio_ccw_put_private(private);
}

/* Report a change of a channel path to the user of the mdev, if there is one. */
static void vfio_ccw_report_path(struct subchannel *sch, unsigned int erc, unsigned int chpid)
{
	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);

	if (private)
		vfio_ccw_crw_queue(private, CRW_RSC_CPATH, erc, chpid);
	vfio_ccw_put_private(private);
}

/*
 * A channel path was varied, or changed its state.
 *
 * Context: under the lock of the subchannel, IRQs off.
 * Return: 0, or -ENODEV if the device of the subchannel is gone.
 */
static int vfio_ccw_chp_event(struct subchannel *sch, struct chp_link *link, int event)
{
	int mask = chp_ssd_get_mask(&sch->ssd_info, link);

	if (!mask || !vfio_ccw_get_parent(sch))
		return 0;
	trace_vfio_ccw_chp_event(sch->schid, mask, event);
	VFIO_CCW_SCH_EVENT(2, sch, "channel path %x, mask %x, event %d", link->chpid.id, mask,
			   event);
	if (cio_update_schib(sch))
		return -ENODEV;

	switch (event) {
	case CHP_VARY_OFF:
		sch->opm &= ~mask;
		sch->lpm &= ~mask;
		vfio_ccw_path_lost(sch, mask);
		break;
	case CHP_VARY_ON:
		sch->opm |= mask;
		sch->lpm |= mask;
		break;
	case CHP_OFFLINE:
		vfio_ccw_path_lost(sch, mask);
		vfio_ccw_report_path(sch, CRW_ERC_PERRN, link->chpid.id);
		break;
	case CHP_ONLINE:
		sch->lpm |= mask & sch->opm;
		vfio_ccw_report_path(sch, CRW_ERC_INIT, link->chpid.id);
		break;
	}
	return 0;
}

static struct css_device_id vfio_ccw_sch_ids[] = {
	{ .match_flags = 0x1, .type = SUBCHANNEL_TYPE_IO, },
	{ }
};
MODULE_DEVICE_TABLE(css, vfio_ccw_sch_ids);

static struct css_driver vfio_ccw_sch_driver = {
	.drv = {
		.name = "vfio_ccw",
		.owner = THIS_MODULE,
	},
	.subchannel_type = vfio_ccw_sch_ids,
	.probe = vfio_ccw_sch_probe,
	.remove = vfio_ccw_sch_remove,
	.shutdown = vfio_ccw_sch_shutdown,
	.irq = vfio_ccw_sch_irq,
	.sch_event = vfio_ccw_sch_event,
	.chp_event = vfio_ccw_chp_event,
};

static int __init vfio_ccw_module_init(void)
{
	int ret;

	ret = vfio_ccw_shared_init();
	if (ret)
		return ret;
	ret = mdev_register_driver(&vfio_ccw_mdev_driver);
	if (ret)
		goto err_mdev;
	isc_register(VFIO_CCW_ISC);
	ret = css_driver_register(&vfio_ccw_sch_driver);
	if (ret)
		goto err_css;
	pr_info("vfio_ccw: driver of mdev-lifecycle, version " MDEV_VERSION "\n");
	return 0;

err_css:
	isc_unregister(VFIO_CCW_ISC);
	mdev_unregister_driver(&vfio_ccw_mdev_driver);
err_mdev:
	vfio_ccw_shared_exit();
	return ret;
}

static void __exit vfio_ccw_module_exit(void)
{
	css_driver_unregister(&vfio_ccw_sch_driver);
	/*
	 * css reads sch->driver without a reference, so that one of its threads may be preempted
	 * just before it calls sch_event, until this code is gone. No callback of css sleeps: when
	 * each task has slept once, and each CPU has left its interrupt, none runs. The same is
	 * true for the last instructions of a task work.
	 */
	vfio_ccw_program_wait_for_unmaps();
	static_assert(!IS_ENABLED(CONFIG_PREEMPTION) || IS_ENABLED(CONFIG_TASKS_RCU),
		      "CONFIG_VFIO_MDEV selects TASKS_RCU: use its Kconfig");
	synchronize_rcu_tasks();
	synchronize_rcu();
	isc_unregister(VFIO_CCW_ISC);
	mdev_unregister_driver(&vfio_ccw_mdev_driver);
	vfio_ccw_shared_exit();
}

module_init(vfio_ccw_module_init);
module_exit(vfio_ccw_module_exit);

MODULE_DESCRIPTION("Mediated I/O subchannels for virtual machines");
MODULE_VERSION(MDEV_VERSION);
MODULE_LICENSE("GPL");
