// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the debug areas and the work queue, which all subchannels share; signals to the user
 *
 * The names of the debug areas are those of drivers/s390/cio/vfio_ccw_drv.c in Linux 7.3, the
 * messages about the user those of vfio_ccw_ops.c and vfio-pci:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 */
#include "vfio_ccw_private.h"

struct workqueue_struct *vfio_ccw_work_q;
debug_info_t *vfio_ccw_debug_msg_id;
debug_info_t *vfio_ccw_debug_trace_id;

/**
 * vfio_ccw_shared_init() - allocate the debug areas and the work queue
 *
 * Pairs with vfio_ccw_shared_exit().
 *
 * Return: 0 or -ENOMEM.
 */
int vfio_ccw_shared_init(void)
{
	/* no message has more than eight numbers beside its format and its level */
	vfio_ccw_debug_msg_id = debug_register("vfio_ccw_msg", 16, 1, 10 * sizeof(long));
	vfio_ccw_debug_trace_id = debug_register("vfio_ccw_trace", 16, 1, 16);
	/*
	 * Not ordered: the work items of a device wait for its io_mutex, which a quiesce may hold
	 * for seconds, and the items of other devices must not wait for them. Per CPU: the item
	 * runs on the CPU that took the interrupt.
	 */
	vfio_ccw_work_q = alloc_workqueue("vfio-ccw", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	if (!vfio_ccw_debug_msg_id || !vfio_ccw_debug_trace_id || !vfio_ccw_work_q) {
		vfio_ccw_shared_exit();
		return -ENOMEM;
	}

	debug_register_view(vfio_ccw_debug_msg_id, &debug_sprintf_view);
	debug_set_level(vfio_ccw_debug_msg_id, 2);
	debug_register_view(vfio_ccw_debug_trace_id, &debug_hex_ascii_view);
	debug_set_level(vfio_ccw_debug_trace_id, 2);
	return 0;
}

/**
 * vfio_ccw_shared_exit() - undo vfio_ccw_shared_init(), even if it failed half way
 */
void vfio_ccw_shared_exit(void)
{
	if (vfio_ccw_work_q)
		destroy_workqueue(vfio_ccw_work_q);
	debug_unregister(vfio_ccw_debug_trace_id);
	debug_unregister(vfio_ccw_debug_msg_id);
}

/**
 * vfio_ccw_signal() - signal an eventfd of the user
 * @private: the mediated subchannel
 * @trigger: the eventfd in @private
 *
 * Context: any.
 * Return: whether the user has set one.
 */
bool vfio_ccw_signal(struct vfio_ccw_private *private, struct eventfd_ctx **trigger)
{
	unsigned long flags;
	bool set;

	spin_lock_irqsave(&private->crw_lock, flags);
	set = *trigger;
	if (set)
		eventfd_signal(*trigger);
	spin_unlock_irqrestore(&private->crw_lock, flags);
	return set;
}

/**
 * vfio_ccw_ask_user() - ask the user to release the device
 * @private: the mediated subchannel
 * @count: how often the user was asked before
 *
 * Context: any.
 */
void vfio_ccw_ask_user(struct vfio_ccw_private *private, unsigned int count)
{
	struct device *dev = private->vdev.dev;

	if (!vfio_ccw_signal(private, &private->req_trigger)) {
		if (!count)
			dev_notice(dev, "No device request registered, blocked until released by user\n");
	} else if (!(count % 10)) {
		dev_notice_ratelimited(dev, "Relaying device request to user (#%u)\n", count);
	}
}
