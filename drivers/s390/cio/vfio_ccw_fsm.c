// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the state machine of a mediated subchannel
 *
 *	NOT_OPER <- any		the device is gone or no longer used; final
 *	STANDBY -> IDLE		open
 *	IDLE -> CP_PROCESSING -> CP_PENDING -> IDLE	a channel program
 *	CP_PROCESSING -> IDLE	a channel program that did not start
 *	IDLE, CP_* -> QUIESCING -> STANDBY	close
 *
 * The lock of the subchannel is held to look up the function for a state and an event, and for
 * every change of the state. Requests of user space also hold io_mutex, so there is one at a time,
 * and may drop the lock of the subchannel to sleep. Before that, a request sets a state that no
 * other request uses (CP_PROCESSING, QUIESCING); afterwards it continues only if the state is
 * unchanged. Only the event NOT_OPER, which does not take io_mutex, can have changed it.
 *
 * The table, the trace events and the trace strings are those of vfio_ccw_fsm.c in
 * Linux 7.3:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 * Author(s): Dong Jia Shi <bjsdjshi@linux.vnet.ibm.com>
 *            Cornelia Huck <cohuck@redhat.com>
 */
#include <linux/string.h>

#include "vfio_ccw_private.h"

/* The lock of the subchannel is held on entry and on return. */
typedef int (fsm_func_t)(struct vfio_ccw_private *private);

static int fsm_nop(struct vfio_ccw_private *private)
{
	return 0;
}

static int fsm_busy(struct vfio_ccw_private *private)
{
	return -EBUSY;
}

static int fsm_retry(struct vfio_ccw_private *private)
{
	return -EAGAIN;
}

static int fsm_nodev(struct vfio_ccw_private *private)
{
	return -ENODEV;
}

static int fsm_no_cp(struct vfio_ccw_private *private)
{
	return -ENOENT;
}

static int fsm_io_error(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "I/O request rejected in state %d", private->state);
	return -EIO;
}

static int fsm_async_error(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "command %u rejected in state %d",
			   private->cmd_region->command, private->state);
	private->cmd_region->ret_code = -EIO;
	return -EIO;
}

static int fsm_async_retry(struct vfio_ccw_private *private)
{
	private->cmd_region->ret_code = -EAGAIN;
	return -EAGAIN;
}

/*
 * Context: any. Unpinning the pages of the channel program may sleep, so close, reset or an unmap
 * frees it later. A device that is gone does not access them.
 */
static int fsm_notoper(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "not operational, was in state %d", private->state);
	private->state = VFIO_CCW_STATE_NOT_OPER;
	/* end the wait in vfio_ccw_sch_quiesce(): no interrupt will come */
	complete(&private->quiesced);
	return 0;
}

static int fsm_stray_irq(struct vfio_ccw_private *private)
{
	vfio_ccw_sch_stray_irq(private->sch);
	return 0;
}

/* Context: hard interrupt, as for all functions up to fsm_quiesce_irq(). */
static int fsm_irq(struct vfio_ccw_private *private)
{
	private->irb = *this_cpu_ptr(&cio_irb);
	private->irb_pending = true;
	queue_work(vfio_ccw_work_q, &private->io_work);
	return 0;
}

/*
 * Decide here, where the state cannot change, whether the channel program has ended. cp_ended stays
 * set even if another interrupt overwrites the IRB before io_work has read it. The IRB does not
 * suffice: the IRB of a halt may be delivered after the next program was started.
 */
static int fsm_cp_irq(struct vfio_ccw_private *private)
{
	union scsw *scsw = &this_cpu_ptr(&cio_irb)->scsw;

	if (scsw_is_solicited(scsw) && !(scsw_actl(scsw) & (SCSW_ACTL_DEVACT | SCSW_ACTL_SCHACT)))
		private->cp_ended = true;
	return fsm_irq(private);
}

/* Close discards interrupts: do not queue io_work. */
static int fsm_quiesce_irq(struct vfio_ccw_private *private)
{
	complete(&private->quiesced);
	return 0;
}

static int fsm_cp_done(struct vfio_ccw_private *private)
{
	private->state = VFIO_CCW_STATE_IDLE;
	return 0;
}

/* Translate the channel program of the I/O region. Context: may sleep; under io_mutex only. */
static int fsm_translate(struct vfio_ccw_private *private, const char **what)
{
	struct ccw_io_region *region = &private->io_region;
	union orb orb = {};
	int ret;

	/* the region has no room for the longer formats of the ORB */
	memcpy(&orb, region->orb_area, sizeof(region->orb_area));
	if (orb.tm.b) {
		*what = "transport mode";
		return -EOPNOTSUPP;
	}

	*what = "cp init";
	ret = cp_init(&private->cp, &orb);
	if (ret)
		return ret;

	*what = "cp prefetch";
	ret = cp_prefetch(&private->cp);
	if (ret)
		cp_free(&private->cp);
	return ret;
}

/* Drop the lock to free the channel program: unpinning its pages may sleep. */
static void fsm_cp_free(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	spin_unlock_irq(&private->sch->lock);
	cp_free(&private->cp);
	spin_lock_irq(&private->sch->lock);
}

static int fsm_start(struct vfio_ccw_private *private, const char **what)
	__must_hold(&private->sch->lock)
{
	int ret;

	private->state = VFIO_CCW_STATE_CP_PROCESSING;
	spin_unlock_irq(&private->sch->lock);
	ret = fsm_translate(private, what);
	spin_lock_irq(&private->sch->lock);
	if (ret)
		goto out;

	*what = "start";
	ret = -EIO;
	if (private->state == VFIO_CCW_STATE_CP_PROCESSING)
		ret = vfio_ccw_sch_start(private->sch, &private->cp);
	if (ret)
		fsm_cp_free(private);
out:
	/* the lock was dropped: do not leave NOT_OPER */
	if (private->state == VFIO_CCW_STATE_CP_PROCESSING)
		private->state = ret ? VFIO_CCW_STATE_IDLE : VFIO_CCW_STATE_CP_PENDING;
	return ret;
}

static int fsm_io_request(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	const char *what = "request";
	union scsw scsw;
	int ret = 0;

	memcpy(&scsw, private->io_region.scsw_area, sizeof(scsw));
	if (scsw.cmd.fctl & SCSW_FCTL_START_FUNC)
		ret = fsm_start(private, &what);
	else if (scsw.cmd.fctl & (SCSW_FCTL_HALT_FUNC | SCSW_FCTL_CLEAR_FUNC))
		ret = -EOPNOTSUPP; /* the asynchronous command region is for these */

	if (ret) {
		VFIO_CCW_SCH_EVENT(2, private->sch, "I/O request: fctl %x, error %d",
				   scsw.cmd.fctl, ret);
		trace_vfio_ccw_fsm_io_request(scsw.cmd.fctl, private->sch->schid, ret,
					      (char *)what);
	}
	return ret;
}

static int fsm_async_request(struct vfio_ccw_private *private)
{
	struct ccw_cmd_region *region = private->cmd_region;
	int ret = -EINVAL;

	if (region->command == VFIO_CCW_ASYNC_CMD_HSCH)
		ret = vfio_ccw_sch_halt(private->sch);
	else if (region->command == VFIO_CCW_ASYNC_CMD_CSCH)
		ret = vfio_ccw_sch_clear(private->sch);

	region->ret_code = ret;
	trace_vfio_ccw_fsm_async_request(private->sch->schid, region->command, ret);
	return ret;
}

/* Make css unregister the subchannel, and do not use it any more. */
static void fsm_give_up(struct vfio_ccw_private *private)
{
	fsm_notoper(private);
	vfio_ccw_sch_gone(private->sch);
}

static int fsm_open(struct vfio_ccw_private *private)
{
	int ret = vfio_ccw_sch_enable(private->sch);

	/* -ENODEV is final; after -EBUSY user space may try again */
	if (ret == -ENODEV)
		fsm_give_up(private);
	if (ret)
		return ret;

	private->irb_pending = false;
	private->cp_ended = false;
	private->state = VFIO_CCW_STATE_IDLE;
	return 0;
}

/* Drop interrupts that were not delivered and free the channel program, which has ended. */
static int fsm_flush(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	private->irb_pending = false;
	private->cp_ended = false;
	fsm_cp_free(private);
	return 0;
}

static int fsm_close(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	int ret;

	private->state = VFIO_CCW_STATE_QUIESCING;
	ret = vfio_ccw_sch_quiesce(private);
	/*
	 * css unregisters a subchannel that does not stop. Its pages are unpinned nevertheless: the
	 * user exits, and the memory is freed.
	 */
	if (ret)
		fsm_give_up(private);
	fsm_flush(private);
	/* the lock was dropped: do not leave NOT_OPER */
	if (private->state == VFIO_CCW_STATE_QUIESCING)
		private->state = VFIO_CCW_STATE_STANDBY;
	return ret;
}

static fsm_func_t * const fsm_table[NR_VFIO_CCW_STATES][NR_VFIO_CCW_EVENTS] = {
	[VFIO_CCW_STATE_NOT_OPER] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_nop,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_error,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_stray_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_error,
		[VFIO_CCW_EVENT_OPEN]		= fsm_nodev,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_flush,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_no_cp,
	},
	[VFIO_CCW_STATE_STANDBY] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_error,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_stray_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_error,
		[VFIO_CCW_EVENT_OPEN]		= fsm_open,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_nop,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_no_cp,
	},
	[VFIO_CCW_STATE_IDLE] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_request,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_request,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_no_cp,
	},
	[VFIO_CCW_STATE_CP_PROCESSING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_retry,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_retry,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_no_cp,
	},
	[VFIO_CCW_STATE_CP_PENDING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_busy,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_cp_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_request,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_cp_done,
	},
	[VFIO_CCW_STATE_QUIESCING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_retry,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_quiesce_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_retry,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_busy,
		[VFIO_CCW_EVENT_IO_DONE]	= fsm_no_cp,
	},
};

static __always_inline void fsm_check_row(fsm_func_t * const *row)
{
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_NOT_OPER]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_IO_REQ]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_INTERRUPT]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_ASYNC_REQ]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_OPEN]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_CLOSE]);
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_IO_DONE]);
	/* a new event needs a line above */
	BUILD_BUG_ON(NR_VFIO_CCW_EVENTS != 7);
}

/* An empty entry would be a jump to address 0: reject it at compile time. */
static __always_inline void fsm_check_table(void)
{
	fsm_check_row(fsm_table[VFIO_CCW_STATE_NOT_OPER]);
	fsm_check_row(fsm_table[VFIO_CCW_STATE_STANDBY]);
	fsm_check_row(fsm_table[VFIO_CCW_STATE_IDLE]);
	fsm_check_row(fsm_table[VFIO_CCW_STATE_CP_PROCESSING]);
	fsm_check_row(fsm_table[VFIO_CCW_STATE_CP_PENDING]);
	fsm_check_row(fsm_table[VFIO_CCW_STATE_QUIESCING]);
	/* a new state needs a line above */
	BUILD_BUG_ON(NR_VFIO_CCW_STATES != 6);
}

/**
 * vfio_ccw_fsm_event_locked() - handle an event
 * @private: the mediated subchannel
 * @event: the event
 *
 * Context: under the lock of the subchannel. NOT_OPER and INTERRUPT: any. All other events: under
 * io_mutex too, and may sleep: the lock of the subchannel is dropped meanwhile.
 * Return: 0 or an error; IO_DONE: 0 if a channel program has ended, which the caller frees.
 */
int vfio_ccw_fsm_event_locked(struct vfio_ccw_private *private, enum vfio_ccw_event event)
{
	fsm_check_table();
	lockdep_assert_held(&private->sch->lock);
	if (event != VFIO_CCW_EVENT_NOT_OPER && event != VFIO_CCW_EVENT_INTERRUPT)
		lockdep_assert_held(&private->io_mutex);

	trace_vfio_ccw_fsm_event(private->sch->schid, private->state, event);
	return fsm_table[private->state][event](private);
}

/**
 * vfio_ccw_fsm_event() - handle a request of user space
 * @private: the mediated subchannel
 * @event: the event
 *
 * Context: may sleep; under io_mutex.
 * Return: 0 or an error.
 */
int vfio_ccw_fsm_event(struct vfio_ccw_private *private, enum vfio_ccw_event event)
{
	int ret;

	spin_lock_irq(&private->sch->lock);
	ret = vfio_ccw_fsm_event_locked(private, event);
	spin_unlock_irq(&private->sch->lock);
	return ret;
}

/*
 * Deliver the last interrupt. Close and reset run under io_mutex and clear irb_pending and
 * cp_ended, so a work item that runs after them does nothing.
 */
static void fsm_io_todo(struct work_struct *work)
{
	struct vfio_ccw_private *private = container_of(work, struct vfio_ccw_private, io_work);
	u8 *irb_area = private->io_region.irb_area;
	unsigned long flags;
	bool pending, ended;

	BUILD_BUG_ON(sizeof(private->irb) > sizeof(private->io_region.irb_area));

	mutex_lock(&private->io_mutex);
	spin_lock_irq(&private->sch->lock);
	pending = private->irb_pending;
	if (pending)
		memcpy(irb_area, &private->irb, sizeof(private->irb));
	ended = private->cp_ended && !vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_IO_DONE);
	private->irb_pending = false;
	private->cp_ended = false;
	spin_unlock_irq(&private->sch->lock);

	if (pending && scsw_is_solicited((union scsw *)irb_area))
		cp_update_scsw(&private->cp, (union scsw *)irb_area);
	if (ended)
		cp_free(&private->cp);
	mutex_unlock(&private->io_mutex);

	if (!pending)
		return;

	/* after io_mutex is dropped: the task that wakes up takes it at once */
	spin_lock_irqsave(&private->crw_lock, flags);
	if (private->io_trigger)
		eventfd_signal(private->io_trigger);
	spin_unlock_irqrestore(&private->crw_lock, flags);
}

/**
 * vfio_ccw_fsm_init() - initialize the state machine, in STANDBY
 * @private: the mediated subchannel
 */
void vfio_ccw_fsm_init(struct vfio_ccw_private *private)
{
	private->state = VFIO_CCW_STATE_STANDBY;
	init_completion(&private->quiesced);
	INIT_WORK(&private->io_work, fsm_io_todo);
}

/**
 * vfio_ccw_fsm_drain() - wait until no interrupt is being delivered
 * @private: the mediated subchannel, after the event CLOSE
 *
 * Interrupts queue io_work under the lock of the subchannel, and only in states that CLOSE has left
 * under the same lock: once this returns, io_work does not run and is not queued before the next
 * OPEN.
 *
 * Context: may sleep; not under io_mutex, which io_work takes.
 */
void vfio_ccw_fsm_drain(struct vfio_ccw_private *private)
{
	cancel_work_sync(&private->io_work);
}
