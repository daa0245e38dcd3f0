// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the debug areas and the work queue, which all subchannels share
 *
 * The names of the debug areas are those of drivers/s390/cio/vfio_ccw_drv.c in Linux 7.3:
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
