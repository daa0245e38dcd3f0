// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the queue of channel reports
 */
#include <linux/list.h>
#include <linux/slab.h>

#include "vfio_ccw_private.h"

/* A guest that does not read its channel reports must not exhaust memory. */
#define CRW_QUEUE_MAX	64

static void vfio_ccw_crw_todo(struct work_struct *work)
{
	vfio_ccw_crw_notify(container_of(work, struct vfio_ccw_private, crw_work));
}

/**
 * vfio_ccw_crw_init() - initialize the queue of channel reports
 * @private: the mediated subchannel
 */
void vfio_ccw_crw_init(struct vfio_ccw_private *private)
{
	spin_lock_init(&private->crw_lock);
	INIT_LIST_HEAD(&private->crw);
	INIT_WORK(&private->crw_work, vfio_ccw_crw_todo);
}

/**
 * vfio_ccw_crw_queue() - queue a channel report for user space
 * @private: the mediated subchannel
 * @rsc: reporting source code
 * @erc: error recovery code
 * @rsid: reporting source ID
 *
 * Drops the report if the device is not open, if memory is short or if the queue is full. The last
 * report of a full queue is marked "overflow", as a machine does.
 *
 * Context: any, under the lock of the subchannel. The lock makes the work item safe: it is queued
 * only in states that CLOSE leaves under the same lock before the item is cancelled.
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
 * vfio_ccw_crw_dequeue() - remove the oldest channel report from the queue
 * @private: the mediated subchannel
 * @report: for the report; unchanged if there is none
 *
 * Return: whether there was one.
 */
bool vfio_ccw_crw_dequeue(struct vfio_ccw_private *private, struct crw *report)
{
	struct vfio_ccw_crw *crw;
	unsigned long flags;

	spin_lock_irqsave(&private->crw_lock, flags);
	crw = list_first_entry_or_null(&private->crw, struct vfio_ccw_crw, next);
	if (crw)
		list_del(&crw->next);
	spin_unlock_irqrestore(&private->crw_lock, flags);
	if (!crw)
		return false;
	*report = crw->crw;
	kfree(crw);
	return true;
}

/**
 * vfio_ccw_crw_notify() - signal user space if the queue is not empty
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
 * vfio_ccw_crw_drop() - drop all channel reports
 * @private: the mediated subchannel, after the event CLOSE
 *
 * Context: may sleep; not under the lock of the subchannel. Once it returns, the work item does
 * not run and is not queued before the next OPEN.
 */
void vfio_ccw_crw_drop(struct vfio_ccw_private *private)
{
	struct crw dropped;

	cancel_work_sync(&private->crw_work);
	while (vfio_ccw_crw_dequeue(private, &dropped))
		;
}
