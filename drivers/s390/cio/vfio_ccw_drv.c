// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the css driver and the module
 *
 * css calls the driver while mdevs are created and removed, and while the driver is bound and
 * unbound. So each callback first handles the subchannel, with or without an mdev. Then it gets the
 * mdev from vfio_ccw_get_private(), which keeps the mdev until vfio_ccw_put_private().
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
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include <asm/irq.h>
#include <asm/isc.h>

#include "chp.h"
#include "vfio_ccw_private.h"

static struct css_driver vfio_ccw_sch_driver;

/**
 * vfio_ccw_get_private() - get the mediated subchannel of a subchannel
 * @sch: the subchannel
 *
 * The only path from a subchannel to its mdev. Succeeds only while the vfio device is registered,
 * and keeps it registered until vfio_ccw_put_private().
 *
 * Context: any, as for vfio_ccw_put_private(), which takes no lock except that of a completion.
 * vfio_unregister_group_dev() waits for that completion and frees nothing by itself.
 * Return: the mediated subchannel, for vfio_ccw_put_private(), or NULL.
 */
static struct vfio_ccw_private *vfio_ccw_get_private(struct subchannel *sch)
{
	struct vfio_ccw_private *private = NULL;
	struct vfio_ccw_parent *parent;

	rcu_read_lock();
	/* pairs with vfio_ccw_set_parent() */
	parent = smp_load_acquire(&sch->dev.driver_data);
	/*
	 * css does not keep the driver bound while it calls sch_event. If the driver data belong to
	 * another driver by now, sch->driver was set to that driver before.
	 */
	if (parent && READ_ONCE(sch->driver) == &vfio_ccw_sch_driver)
		private = rcu_dereference(parent->private);
	/* the count is 0 before the device is registered and after it was unregistered */
	if (private && !vfio_device_try_get_registration(&private->vdev))
		private = NULL;
	rcu_read_unlock();
	return private;
}

static void vfio_ccw_put_private(struct vfio_ccw_private *private)
{
	if (private)
		vfio_device_put_registration(&private->vdev);
}

/* Publish @parent, or with NULL hide it from callbacks that start from now on. */
static void vfio_ccw_set_parent(struct subchannel *sch, struct vfio_ccw_parent *parent)
{
	spin_lock_irq(&sch->lock);
	/* dev_set_drvdata() would not order this after the initialization of *parent */
	smp_store_release(&sch->dev.driver_data, parent);
	spin_unlock_irq(&sch->lock);
}

/* Context: hard interrupt, under the lock of the subchannel. */
static void vfio_ccw_sch_irq(struct subchannel *sch)
{
	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);

	inc_irq_stat(IRQIO_CIO);
	if (private)
		vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_INTERRUPT);
	else
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
	vfio_ccw_set_parent(sch, parent);
	ret = mdev_register_parent(&parent->parent, &sch->dev, &vfio_ccw_mdev_driver,
				   &parent->types, 1);
	if (ret) {
		vfio_ccw_set_parent(sch, NULL);
		kfree_rcu(parent, rcu);
		return ret;
	}
	VFIO_CCW_SCH_EVENT(4, sch, "bound");
	return 0;
}

static void vfio_ccw_sch_remove(struct subchannel *sch)
{
	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);

	/* unregister, then clear: the user needs interrupts until the device is closed */
	mdev_unregister_parent(&parent->parent);
	vfio_ccw_set_parent(sch, NULL);
	/* pairs with rcu_read_lock() in vfio_ccw_get_private() */
	kfree_rcu(parent, rcu);
	VFIO_CCW_SCH_EVENT(4, sch, "unbound");
}

/*
 * Context: may sleep. io_mutex serializes with read, write and ioctl of the user. NOT_OPER prevents
 * a reset from opening the subchannel again.
 */
static void vfio_ccw_sch_shutdown(struct subchannel *sch)
{
	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);

	if (!private)
		return;
	mutex_lock(&private->io_mutex);
	spin_lock_irq(&sch->lock);
	vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_CLOSE);
	vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_NOT_OPER);
	spin_unlock_irq(&sch->lock);
	mutex_unlock(&private->io_mutex);
	vfio_ccw_put_private(private);
}

/*
 * The subchannel may have changed: check whether its device still exists.
 *
 * Context: a kernel thread, without locks; css does not even exclude unbind.
 * Return: 0, or -EAGAIN to be called again after css has registered or unregistered the subchannel.
 */
static int vfio_ccw_sch_event(struct subchannel *sch, int process)
{
	struct vfio_ccw_private *private;
	unsigned long flags;
	int ret = -EAGAIN;

	spin_lock_irqsave(&sch->lock, flags);
	if (!device_is_registered(&sch->dev) || work_pending(&sch->todo_work))
		goto out_unlock;

	ret = 0;
	if (cio_update_schib(sch)) {
		vfio_ccw_sch_gone(sch);
		private = vfio_ccw_get_private(sch);
		if (private)
			vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_NOT_OPER);
		vfio_ccw_put_private(private);
	}
out_unlock:
	spin_unlock_irqrestore(&sch->lock, flags);
	return ret;
}

/* Stop the function that uses a lost path; its end is reported by an interrupt. */
static void vfio_ccw_path_lost(struct subchannel *sch, int mask)
{
	int iretry = 255;

	if (sch->schib.pmcw.lpum & mask)
		cio_cancel_halt_clear(sch, &iretry);
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

	if (!mask)
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
	 * css reads sch->driver and calls its callbacks without keeping the driver bound. The
	 * callbacks do not sleep: after a grace period of tasks RCU, none of them executes code of
	 * this module.
	 */
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
