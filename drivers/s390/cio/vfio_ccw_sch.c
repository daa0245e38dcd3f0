// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: instructions to the subchannel, the queue of channel reports, the list of regions
 *
 * What the callbacks above and the state machine both need; nothing here calls up.
 */
#include <linux/list.h>
#include <linux/slab.h>

#include <asm/isc.h>

#include "chp.h"
#include "ioasm.h"
#include "vfio_ccw_private.h"

/*
 * What cio_cancel_halt_clear() may need before it gives up: one cancel, three halts, 255 clears.
 * A second limit for a subchannel that takes every cancel and is busy nevertheless.
 */
#define QUIESCE_ROUNDS	(1 + 3 + 255)
#define QUIESCE_TIMEOUT	(3 * HZ)

/* A guest that does not read its channel reports shall not take all memory. */
#define CRW_QUEUE_MAX	64

struct workqueue_struct *vfio_ccw_work_q;
debug_info_t *vfio_ccw_debug_msg_id;
debug_info_t *vfio_ccw_debug_trace_id;

/**
 * vfio_ccw_register_dev_region() - offer a region beyond the first
 * @private: the mediated subchannel
 * @subtype: VFIO_REGION_SUBTYPE_CCW_*
 * @ops: what it does
 * @size: size of the contents
 * @flags: VFIO_REGION_INFO_FLAG_*
 * @data: the contents
 *
 * Only while nobody else knows of @private: readers of the list take no lock.
 *
 * Return: 0, or -ENOSPC for more than VFIO_CCW_MAX_DEV_REGIONS.
 */
int vfio_ccw_register_dev_region(struct vfio_ccw_private *private, unsigned int subtype,
				 const struct vfio_ccw_regops *ops, size_t size, u32 flags,
				 void *data)
{
	if (private->num_regions >= ARRAY_SIZE(private->region))
		return -ENOSPC;

	private->region[private->num_regions++] = (struct vfio_ccw_region) {
		.type = VFIO_REGION_TYPE_CCW,
		.subtype = subtype,
		.ops = ops,
		.data = data,
		.size = size,
		.flags = flags,
	};
	return 0;
}

/**
 * vfio_ccw_unregister_dev_regions() - let go of all regions beyond the first
 * @private: the mediated subchannel, whose last reference is gone
 */
void vfio_ccw_unregister_dev_regions(struct vfio_ccw_private *private)
{
	while (private->num_regions) {
		struct vfio_ccw_region *region = &private->region[--private->num_regions];

		region->ops->release(private, region);
	}
}

static void vfio_ccw_crw_todo(struct work_struct *work)
{
	vfio_ccw_crw_notify(container_of(work, struct vfio_ccw_private, crw_work));
}

/**
 * vfio_ccw_crw_init() - make the queue of channel reports
 * @private: the mediated subchannel
 */
void vfio_ccw_crw_init(struct vfio_ccw_private *private)
{
	spin_lock_init(&private->crw_lock);
	INIT_LIST_HEAD(&private->crw);
	INIT_WORK(&private->crw_work, vfio_ccw_crw_todo);
}

/**
 * vfio_ccw_crw_queue() - pass a channel report on
 * @private: the mediated subchannel
 * @rsc: reporting source code
 * @erc: error recovery code
 * @rsid: reporting source ID
 *
 * Drops the report when nobody has the device open, when there is no memory or when too many
 * wait: like a machine that had no room, the last that waits then says "overflow".
 *
 * Context: any, under the lock of the subchannel. That makes the work item safe: it is queued
 * only in a state that close leaves under the same lock before it cancels the item.
 */
void vfio_ccw_crw_queue(struct vfio_ccw_private *private, unsigned int rsc, unsigned int erc,
			unsigned int rsid)
{
	struct vfio_ccw_crw report = { .crw = { .rsc = rsc, .erc = erc, .rsid = rsid } };
	struct vfio_ccw_crw *crw;
	unsigned long flags;

	lockdep_assert_held(&private->sch->lock);
	if (private->state == VFIO_CCW_STATE_STANDBY || private->state == VFIO_CCW_STATE_NOT_OPER)
		return;

	crw = kmemdup(&report, sizeof(report), GFP_ATOMIC);
	if (!crw)
		return;

	spin_lock_irqsave(&private->crw_lock, flags);
	if (list_count_nodes(&private->crw) < CRW_QUEUE_MAX) {
		list_add_tail(&crw->next, &private->crw);
		crw = NULL;
	} else {
		list_last_entry(&private->crw, struct vfio_ccw_crw, next)->crw.oflw = 1;
	}
	spin_unlock_irqrestore(&private->crw_lock, flags);

	kfree(crw);
	queue_work(vfio_ccw_work_q, &private->crw_work);
}

/**
 * vfio_ccw_crw_dequeue() - take the oldest channel report
 * @private: the mediated subchannel
 *
 * Return: the report, to be freed by the caller with kfree(), or NULL.
 */
struct vfio_ccw_crw *vfio_ccw_crw_dequeue(struct vfio_ccw_private *private)
{
	struct vfio_ccw_crw *crw;
	unsigned long flags;

	spin_lock_irqsave(&private->crw_lock, flags);
	crw = list_first_entry_or_null(&private->crw, struct vfio_ccw_crw, next);
	if (crw)
		list_del(&crw->next);
	spin_unlock_irqrestore(&private->crw_lock, flags);
	return crw;
}

/**
 * vfio_ccw_crw_notify() - tell user space if channel reports wait
 * @private: the mediated subchannel
 */
void vfio_ccw_crw_notify(struct vfio_ccw_private *private)
{
	unsigned long flags;

	spin_lock_irqsave(&private->crw_lock, flags);
	if (private->crw_trigger && !list_empty(&private->crw))
		eventfd_signal(private->crw_trigger);
	spin_unlock_irqrestore(&private->crw_lock, flags);
}

/**
 * vfio_ccw_crw_drop() - forget all channel reports
 * @private: the mediated subchannel, which nobody has open any more
 *
 * Context: may sleep; not under the lock of the subchannel. Once it returns the work item does
 * not run, and is not queued before the next open.
 */
void vfio_ccw_crw_drop(struct vfio_ccw_private *private)
{
	struct vfio_ccw_crw *crw;

	cancel_work_sync(&private->crw_work);
	while ((crw = vfio_ccw_crw_dequeue(private)))
		kfree(crw);
}

/**
 * vfio_ccw_sch_start() - START SUBCHANNEL
 * @sch: the subchannel
 * @cp: a translated channel program
 *
 * Return: 0, -EBUSY (status pending or busy), -EACCES (no path of those that were asked for),
 * -ENODEV (no path at all), -EIO (no channel program).
 */
int vfio_ccw_sch_start(struct subchannel *sch, struct channel_program *cp)
{
	union orb *orb = cp_get_orb(cp, sch);

	lockdep_assert_held(&sch->lock);
	if (!orb)
		return -EIO;

	VFIO_CCW_TRACE_EVENT(5, "stIO");
	switch (ssch(sch->schid, orb)) {
	case 0:
		sch->schib.scsw.cmd.actl |= SCSW_ACTL_START_PEND;
		return 0;
	case 1:
	case 2:
		return -EBUSY;
	case 3:
		/* Not operational on any path that the ORB allows: do not offer those again. */
		sch->lpm &= orb->cmd.lpm ? ~orb->cmd.lpm : 0;
		return cio_update_schib(sch) || !sch->lpm ? -ENODEV : -EACCES;
	}
	return -EIO;
}

/**
 * vfio_ccw_sch_halt() - HALT SUBCHANNEL
 * @sch: the subchannel
 *
 * Return: 0, -EBUSY (status pending or busy) or -ENODEV.
 */
int vfio_ccw_sch_halt(struct subchannel *sch)
{
	int cc;

	lockdep_assert_held(&sch->lock);
	VFIO_CCW_TRACE_EVENT(2, "haltIO");
	cc = hsch(sch->schid);
	if (cc == 3)
		return -ENODEV;
	if (cc)
		return -EBUSY;
	sch->schib.scsw.cmd.actl |= SCSW_ACTL_HALT_PEND;
	return 0;
}

/**
 * vfio_ccw_sch_clear() - CLEAR SUBCHANNEL
 * @sch: the subchannel
 *
 * Return: 0 or -ENODEV.
 */
int vfio_ccw_sch_clear(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_TRACE_EVENT(2, "clearIO");
	if (csch(sch->schid))
		return -ENODEV;
	/* Clear is the one function that ends all others. */
	sch->schib.scsw.cmd.actl = SCSW_ACTL_CLEAR_PEND;
	return 0;
}

/**
 * vfio_ccw_sch_update_paths() - compute which paths may be used
 * @sch: the subchannel, whose schib is up to date
 *
 * From the state of the channel paths and not from the masks as they are: paths are varied while
 * no driver is bound, too, and a start that found no path has taken bits out of the logical mask.
 */
void vfio_ccw_sch_update_paths(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	sch->opm = chp_get_sch_opm(sch);
	sch->lpm = sch->schib.pmcw.pam & sch->opm;
}

/**
 * vfio_ccw_sch_enable() - enable the subchannel for interrupts and I/O
 * @sch: the subchannel
 *
 * Return: 0, -ENODEV if there is no device any more, -EBUSY if the subchannel is busy, or
 * another error of cio_enable_subchannel(). On an error it is not enabled.
 */
int vfio_ccw_sch_enable(struct subchannel *sch)
{
	int ret;

	lockdep_assert_held(&sch->lock);
	sch->isc = VFIO_CCW_ISC;
	/* The parameter of its interrupts is how css finds the subchannel. */
	ret = cio_enable_subchannel(sch, (u32)virt_to_phys(sch));
	if (ret) {
		/* or the next commit of the configuration would enable it */
		cio_disable_subchannel(sch);
		return ret;
	}
	vfio_ccw_sch_update_paths(sch);
	return 0;
}

/**
 * vfio_ccw_sch_quiesce() - stop whatever the subchannel does, and disable it
 * @private: the mediated subchannel, in VFIO_CCW_STATE_QUIESCING
 *
 * Drops and takes the lock of the subchannel to wait for interrupts; the callers' io_mutex keeps
 * others from starting something meanwhile. &vfio_ccw_private.quiesced is completed by an
 * interrupt or when the device goes away; it is armed before each instruction that causes an
 * interrupt, under the lock that the interrupt needs, so none is missed and none counts twice.
 *
 * Context: may sleep, for seconds if the device does not answer.
 * Return: 0 when it is disabled, -ENODEV if the device is gone, -EIO if it does not stop.
 */
int vfio_ccw_sch_quiesce(struct vfio_ccw_private *private)
{
	struct subchannel *sch = private->sch;
	int rounds = QUIESCE_ROUNDS;
	int iretry = 255;
	int ret;

	lockdep_assert_held(&private->io_mutex);
	lockdep_assert_held(&sch->lock);

	while ((ret = cio_disable_subchannel(sch)) == -EBUSY) {
		if (!rounds--)
			return -EIO;
		reinit_completion(&private->quiesced);
		ret = cio_cancel_halt_clear(sch, &iretry);
		if (!ret)
			continue;
		if (ret != -EBUSY) {
			VFIO_CCW_SCH_EVENT(0, sch, "could not quiesce: %d", ret);
			return ret;
		}
		spin_unlock_irq(&sch->lock);
		wait_for_completion_timeout(&private->quiesced, QUIESCE_TIMEOUT);
		spin_lock_irq(&sch->lock);
		if (private->state != VFIO_CCW_STATE_QUIESCING)
			return -ENODEV;
	}
	return ret;
}

/**
 * vfio_ccw_sch_gone() - have css remove a subchannel without a device
 * @sch: the subchannel
 *
 * Needs no mdev: css unbinds us, which removes the mdev if there is one.
 */
void vfio_ccw_sch_gone(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_SCH_EVENT(2, sch, "gone");
	css_sched_sch_todo(sch, SCH_TODO_UNREG);
}

/**
 * vfio_ccw_sch_stray_irq() - an interrupt came from a subchannel that nobody has open
 * @sch: the subchannel
 *
 * It should be disabled then; so it is (again).
 *
 * Context: hard interrupt.
 */
void vfio_ccw_sch_stray_irq(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_SCH_EVENT(2, sch, "unexpected interrupt");
	cio_disable_subchannel(sch);
}

/**
 * vfio_ccw_sch_module_init() - make what all subchannels share
 *
 * Return: 0 or -ENOMEM.
 */
int vfio_ccw_sch_module_init(void)
{
	/* eight numbers beside the format and its level are more than any message has */
	vfio_ccw_debug_msg_id = debug_register("vfio_ccw_msg", 16, 1, 10 * sizeof(long));
	vfio_ccw_debug_trace_id = debug_register("vfio_ccw_trace", 16, 1, 16);
	/*
	 * Not ordered: the items of one device wait for its io_mutex, which a quiesce may hold for
	 * seconds, and those of another shall not wait with them. Where the interrupt came, the
	 * way to the user is shortest.
	 */
	vfio_ccw_work_q = alloc_workqueue("vfio-ccw", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	if (!vfio_ccw_debug_msg_id || !vfio_ccw_debug_trace_id || !vfio_ccw_work_q) {
		vfio_ccw_sch_module_exit();
		return -ENOMEM;
	}

	debug_register_view(vfio_ccw_debug_msg_id, &debug_sprintf_view);
	debug_set_level(vfio_ccw_debug_msg_id, 2);
	debug_register_view(vfio_ccw_debug_trace_id, &debug_hex_ascii_view);
	debug_set_level(vfio_ccw_debug_trace_id, 2);
	return 0;
}

/**
 * vfio_ccw_sch_module_exit() - undo vfio_ccw_sch_module_init(), even half of it
 */
void vfio_ccw_sch_module_exit(void)
{
	if (vfio_ccw_work_q)
		destroy_workqueue(vfio_ccw_work_q);
	debug_unregister(vfio_ccw_debug_trace_id);
	debug_unregister(vfio_ccw_debug_msg_id);
}
