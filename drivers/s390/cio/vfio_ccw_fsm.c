// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the state machine of a mediated subchannel
 *
 *	NOT_OPER <- any		the device is gone or no longer used; final
 *	STANDBY -> IDLE		open
 *	IDLE -> CP_PROCESSING -> CP_PENDING -> IDLE	a channel program
 *	CP_PROCESSING -> IDLE	a channel program that did not start
 *	IDLE, CP_* -> QUIESCING -> STANDBY	close
 *	QUIESCING -> NOT_OPER	a subchannel that does not stop
 *
 * The lock of the subchannel is held to look up the function for a state and an event, and for
 * every change of the state. Requests of user space also hold io_mutex, so there is one at a time,
 * and may drop the lock of the subchannel to sleep. Before that, a request sets a state that no
 * other request uses (CP_PROCESSING, QUIESCING); afterwards it continues only if the state is
 * unchanged. Only events of css, which do not take io_mutex, can have changed it.
 *
 * The final interrupt of a channel program leaves CP_PENDING, and the user is signalled in the
 * interrupt. The pages stay pinned until the user reads the status or starts the next program, but
 * not longer than UNLOAD_DELAY.
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

/*
 * A user reads the status of a channel program within this time after the interrupt, in jiffies,
 * and its pages are unpinned then; otherwise a work item unpins them.
 */
#define UNLOAD_DELAY	(HZ / 20 + 1)

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

static int fsm_io_error(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "I/O request rejected in state %d", private->state);
	return -EIO;
}

static int fsm_async_error(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "command %u rejected in state %d",
			   private->cmd_region.command, private->state);
	return -EIO;
}

/*
 * Context: any. Unpinning pages may sleep, so close, reset or an unmap unloads the channel program.
 */
static int fsm_notoper(struct vfio_ccw_private *private)
{
	VFIO_CCW_SCH_EVENT(2, private->sch, "not operational, was in state %d", private->state);
	private->state = VFIO_CCW_STATE_NOT_OPER;
	/* end the wait in vfio_ccw_sch_quiesce(): no interrupt may come */
	complete_all(&private->quiesced);
	return 0;
}

static int fsm_stray_irq(struct vfio_ccw_private *private)
{
	vfio_ccw_sch_stray_irq(private->sch);
	return 0;
}

/*
 * Keep an IRB for the user. A guest waits for each solicited status, so none of these takes the
 * place of another, unless the user reads none. An unsolicited one takes the place of an older one.
 */
static void fsm_add_irb(struct vfio_ccw_private *private, struct irb *irb)
{
	lockdep_assert_held(&private->sch->lock);
	if (!scsw_is_solicited(&irb->scsw)) {
		private->unsolicited = *irb;
		private->has_unsolicited = true;
		return;
	}
	if (private->num_irbs == VFIO_CCW_IRBS) {
		private->num_irbs--;
		memmove(private->irb, private->irb + 1, private->num_irbs * sizeof(*irb));
	}
	private->irb[private->num_irbs++] = *irb;
}

/*
 * Move one IRB to the I/O region, if there is one. The unsolicited one is last: a user who ignored
 * its signal finds the status of the next program, nevertheless. Return: whether there are more.
 */
static bool fsm_take_irb(struct vfio_ccw_private *private)
{
	u8 *area = private->io_region.irb_area;

	BUILD_BUG_ON(sizeof(struct irb) > sizeof(private->io_region.irb_area));
	lockdep_assert_held(&private->sch->lock);
	if (private->num_irbs) {
		memcpy(area, private->irb, sizeof(*private->irb));
		private->num_irbs--;
		memmove(private->irb, private->irb + 1, private->num_irbs * sizeof(*private->irb));
	} else if (private->has_unsolicited) {
		memcpy(area, &private->unsolicited, sizeof(private->unsolicited));
		private->has_unsolicited = false;
	}
	return private->num_irbs || private->has_unsolicited;
}

static void fsm_drop_irbs(struct vfio_ccw_private *private)
{
	lockdep_assert_held(&private->sch->lock);
	private->num_irbs = 0;
	private->has_unsolicited = false;
}

/*
 * Pass the interrupt on to the user, here and now: a work item in between would cost more than all
 * other steps of a start together. @cp: the program whose addresses the IRB may contain.
 *
 * Context: hard interrupt, as for all functions up to fsm_quiesce_irq().
 */
static void fsm_deliver(struct vfio_ccw_private *private, const struct vfio_ccw_cp *cp)
{
	struct irb irb = *this_cpu_ptr(&cio_irb);

	vfio_ccw_cp_status(cp, &irb);
	fsm_add_irb(private, &irb);
	vfio_ccw_signal(private, &private->io_trigger);
}

/* There is no channel program, or it is being translated: a host address is a stale one. */
static int fsm_irq(struct vfio_ccw_private *private)
{
	static const struct vfio_ccw_cp no_program;

	fsm_deliver(private, &no_program);
	return 0;
}

/*
 * Decide here, where the state cannot change, whether the channel program has ended. The IRB alone
 * does not suffice: that of a halt may be read after the next program was started.
 */
static int fsm_cp_irq(struct vfio_ccw_private *private)
{
	union scsw *scsw = &this_cpu_ptr(&cio_irb)->scsw;

	fsm_deliver(private, &private->program.cp);
	if (scsw_is_solicited(scsw) && !(scsw_actl(scsw) & (SCSW_ACTL_DEVACT | SCSW_ACTL_SCHACT))) {
		private->state = VFIO_CCW_STATE_IDLE;
		queue_delayed_work(vfio_ccw_work_q, &private->unload_work, UNLOAD_DELAY);
	}
	return 0;
}

/* Close discards interrupts. */
static int fsm_quiesce_irq(struct vfio_ccw_private *private)
{
	complete_all(&private->quiesced);
	return 0;
}

/* Shutdown waits for it, or close does after NOT_OPER; or the subchannel stops at last. */
static int fsm_notoper_irq(struct vfio_ccw_private *private)
{
	vfio_ccw_sch_stray_irq(private->sch);
	complete_all(&private->quiesced);
	return 0;
}

/*
 * The channel program has used the path last, and may wait for it for ever. CANCEL SUBCHANNEL
 * causes no interrupt, and HALT SUBCHANNEL signals the device over a path. CLEAR SUBCHANNEL ends in
 * an interrupt (Principles of Operation, "Clear Function"): it tells the user that the program has
 * ended.
 */
static int fsm_path_lost(struct vfio_ccw_private *private)
{
	u32 actl = scsw_actl(&private->sch->schib.scsw);

	if (!actl || actl & SCSW_ACTL_CLEAR_PEND)
		return 0;
	VFIO_CCW_SCH_EVENT(2, private->sch, "path lost, actl %x", actl);
	return vfio_ccw_sch_clear(private->sch);
}

/*
 * Translate the channel program of the I/O region and pin its pages.
 *
 * Context: may sleep; under io_mutex only.
 */
static int fsm_load(struct vfio_ccw_private *private, const char **what)
{
	struct vfio_ccw_program *program = &private->program;
	int ret;

	/* the previous one has ended: the state was IDLE */
	vfio_ccw_program_unload(program);
	ret = vfio_ccw_program_load(program, private->io_region.orb_area);
	if (ret)
		*what = program->cp.why;
	return ret;
}

/* Drop the lock to unload the channel program: unpinning its pages may sleep. */
static void fsm_unload(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	spin_unlock_irq(&private->sch->lock);
	vfio_ccw_program_unload(&private->program);
	spin_lock_irq(&private->sch->lock);
}

static int fsm_start(struct vfio_ccw_private *private, const char **what)
	__must_hold(&private->sch->lock)
{
	int ret;

	/* the user has overwritten the I/O region without reading these */
	private->num_irbs = 0;
	private->state = VFIO_CCW_STATE_CP_PROCESSING;
	spin_unlock_irq(&private->sch->lock);
	ret = fsm_load(private, what);
	spin_lock_irq(&private->sch->lock);
	if (ret)
		goto out;

	*what = "start";
	ret = -EIO;
	if (private->state == VFIO_CCW_STATE_CP_PROCESSING)
		ret = vfio_ccw_sch_start(private->sch, private->program.cp.orb);
	if (ret)
		fsm_unload(private);
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

	/* a user repeats it at once after -EAGAIN: that would fill the debug area */
	if (ret && ret != -EAGAIN) {
		VFIO_CCW_SCH_EVENT(2, private->sch, "I/O request: fctl %x, error %d: %s",
				   scsw.cmd.fctl, ret, what);
		trace_vfio_ccw_fsm_io_request(scsw.cmd.fctl, private->sch->schid, ret,
					      (char *)what);
	}
	return ret;
}

static int fsm_async_request(struct vfio_ccw_private *private)
{
	u32 command = private->cmd_region.command;
	int ret = -EINVAL;

	if (command == VFIO_CCW_ASYNC_CMD_HSCH)
		ret = vfio_ccw_sch_halt(private->sch);
	else if (command == VFIO_CCW_ASYNC_CMD_CSCH)
		ret = vfio_ccw_sch_clear(private->sch);

	trace_vfio_ccw_fsm_async_request(private->sch->schid, command, ret);
	return ret;
}

static int fsm_open(struct vfio_ccw_private *private)
{
	int ret = vfio_ccw_sch_enable(private->sch);

	/* -ENODEV is final; after -EBUSY user space may try again */
	if (ret == -ENODEV)
		vfio_ccw_fsm_gone(private);
	if (ret)
		return ret;

	fsm_drop_irbs(private);
	private->open = true;
	private->state = VFIO_CCW_STATE_IDLE;
	return 0;
}

/*
 * Stop the subchannel, and unload the channel program. If the subchannel does not stop, keep all
 * memory that the channel may access. The lock is dropped meanwhile.
 */
static int fsm_stop(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	int ret = -EIO;

	if (!private->program.abandoned)
		ret = vfio_ccw_sch_quiesce(private->sch, &private->quiesced);
	fsm_drop_irbs(private);

	spin_unlock_irq(&private->sch->lock);
	if (!ret || ret == -ENODEV)
		vfio_ccw_program_unload(&private->program);
	else
		vfio_ccw_program_abandon(&private->program);
	spin_lock_irq(&private->sch->lock);
	return ret;
}

static int fsm_close(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	int ret;

	private->state = VFIO_CCW_STATE_QUIESCING;
	ret = fsm_stop(private);
	/* the lock was dropped: do not leave NOT_OPER */
	if (private->state != VFIO_CCW_STATE_QUIESCING)
		return ret;
	if (ret == -ENODEV)
		vfio_ccw_fsm_gone(private);
	else if (ret)
		fsm_notoper(private);
	else
		private->state = VFIO_CCW_STATE_STANDBY;
	return ret;
}

static fsm_func_t * const fsm_table[NR_VFIO_CCW_STATES][NR_VFIO_CCW_EVENTS] = {
	[VFIO_CCW_STATE_NOT_OPER] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_nop,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_error,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_notoper_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_error,
		[VFIO_CCW_EVENT_OPEN]		= fsm_nodev,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_stop,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_nop,
	},
	[VFIO_CCW_STATE_STANDBY] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_error,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_stray_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_error,
		[VFIO_CCW_EVENT_OPEN]		= fsm_open,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_nop,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_nop,
	},
	[VFIO_CCW_STATE_IDLE] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_io_request,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_request,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_nop,
	},
	[VFIO_CCW_STATE_CP_PROCESSING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_retry,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_retry,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_nop,
	},
	[VFIO_CCW_STATE_CP_PENDING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_busy,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_cp_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_async_request,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_close,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_path_lost,
	},
	[VFIO_CCW_STATE_QUIESCING] = {
		[VFIO_CCW_EVENT_NOT_OPER]	= fsm_notoper,
		[VFIO_CCW_EVENT_IO_REQ]		= fsm_retry,
		[VFIO_CCW_EVENT_INTERRUPT]	= fsm_quiesce_irq,
		[VFIO_CCW_EVENT_ASYNC_REQ]	= fsm_retry,
		[VFIO_CCW_EVENT_OPEN]		= fsm_busy,
		[VFIO_CCW_EVENT_CLOSE]		= fsm_busy,
		[VFIO_CCW_EVENT_PATH_LOST]	= fsm_nop,
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
	BUILD_BUG_ON(!row[VFIO_CCW_EVENT_PATH_LOST]);
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
 * Context: under the lock of the subchannel. Events of css, which are NOT_OPER, INTERRUPT and
 * PATH_LOST: any. Requests of user space: under io_mutex too, and may sleep: the lock of the
 * subchannel is dropped meanwhile.
 * Return: 0 or an error.
 */
int vfio_ccw_fsm_event_locked(struct vfio_ccw_private *private, enum vfio_ccw_event event)
{
	fsm_check_table();
	lockdep_assert_held(&private->sch->lock);
	if (event != VFIO_CCW_EVENT_NOT_OPER && event != VFIO_CCW_EVENT_INTERRUPT &&
	    event != VFIO_CCW_EVENT_PATH_LOST)
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
 * Whether the program may be unloaded. io_mutex keeps another one from starting. In NOT_OPER it may
 * be running: CLOSE knows.
 */
static bool fsm_program_ended(struct vfio_ccw_private *private)
{
	lockdep_assert_held(&private->sch->lock);
	return private->state != VFIO_CCW_STATE_CP_PENDING &&
	       private->state != VFIO_CCW_STATE_NOT_OPER;
}

/**
 * vfio_ccw_fsm_gone() - the device is gone
 * @private: the mediated subchannel
 *
 * css unregisters the subchannel, which waits for the user: if the user has opened the device, ask
 * for it, and leave the rest to vfio_ccw_fsm_closed(), so that css does not wait.
 *
 * Context: any, under the lock of the subchannel.
 */
void vfio_ccw_fsm_gone(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock)
{
	vfio_ccw_fsm_event_locked(private, VFIO_CCW_EVENT_NOT_OPER);
	if (!private->open) {
		vfio_ccw_sch_gone(private->sch);
	} else if (!private->gone) {
		private->gone = true;
		vfio_ccw_ask_user(private, 0);
	}
}

/**
 * vfio_ccw_fsm_closed() - the vfio device was closed
 * @private: the mediated subchannel, after the event CLOSE and vfio_ccw_fsm_drain()
 *
 * Context: may sleep; under io_mutex.
 * Return: whether css unregisters the subchannel now, because the device was gone.
 */
bool vfio_ccw_fsm_closed(struct vfio_ccw_private *private)
{
	struct subchannel *sch = private->sch;
	bool gone;

	lockdep_assert_held(&private->io_mutex);
	if (!private->program.abandoned)
		vfio_ccw_program_free(&private->program);

	spin_lock_irq(&sch->lock);
	private->open = false;
	gone = private->gone;
	if (gone)
		vfio_ccw_sch_gone(sch);
	spin_unlock_irq(&sch->lock);
	return gone;
}

/**
 * vfio_ccw_fsm_removed() - the mdev was removed
 * @private: the mediated subchannel, which callbacks do not find any more
 *
 * Tries once more to stop a subchannel that did not stop when the device was closed. If it does not
 * stop, the memory that its channel may access stays allocated (the model: stopped_for_memory).
 *
 * Context: may sleep.
 */
void vfio_ccw_fsm_removed(struct vfio_ccw_private *private)
{
	int ret;

	if (!private->program.abandoned)
		return;
	spin_lock_irq(&private->sch->lock);
	ret = vfio_ccw_sch_quiesce(private->sch, &private->quiesced);
	spin_unlock_irq(&private->sch->lock);
	if (!ret || ret == -ENODEV)
		vfio_ccw_program_free(&private->program);
	else
		dev_err(&private->sch->dev, "does not stop: %u pages of its user are lost\n",
			private->program.cp.nr_pages - 1);
}

/**
 * vfio_ccw_fsm_unload() - unpin the pages of the channel program, if it has ended
 * @private: the mediated subchannel
 *
 * Context: may sleep; under io_mutex.
 * Return: whether it has ended, or there is none.
 */
bool vfio_ccw_fsm_unload(struct vfio_ccw_private *private)
{
	bool ended;

	lockdep_assert_held(&private->io_mutex);
	spin_lock_irq(&private->sch->lock);
	ended = fsm_program_ended(private);
	spin_unlock_irq(&private->sch->lock);
	if (ended)
		vfio_ccw_program_unload(&private->program);
	return ended;
}

/**
 * vfio_ccw_fsm_collect() - move an IRB to the I/O region, which the user reads
 * @private: the mediated subchannel
 *
 * If there is none, the I/O region keeps the last one. If there are more, the user is signalled
 * again. Unloads a channel program that has ended.
 *
 * Context: may sleep; under io_mutex.
 */
void vfio_ccw_fsm_collect(struct vfio_ccw_private *private)
{
	bool more, ended;

	lockdep_assert_held(&private->io_mutex);
	spin_lock_irq(&private->sch->lock);
	more = fsm_take_irb(private);
	ended = fsm_program_ended(private);
	spin_unlock_irq(&private->sch->lock);

	if (more)
		vfio_ccw_signal(private, &private->io_trigger);
	if (ended && private->program.loaded) {
		cancel_delayed_work(&private->unload_work);
		vfio_ccw_program_unload(&private->program);
	}
}

/*
 * The user has not read the status of a channel program: unpin its pages nevertheless. A request of
 * the user fails with -EAGAIN while this holds io_mutex, so do not wait for the mutex and do not
 * take it in vain. @loaded is read again under the mutex.
 */
static void fsm_unload_todo(struct work_struct *work)
{
	struct vfio_ccw_private *private =
		container_of(to_delayed_work(work), struct vfio_ccw_private, unload_work);

	if (!READ_ONCE(private->program.loaded))
		return;
	if (!mutex_trylock(&private->io_mutex)) {
		queue_delayed_work(vfio_ccw_work_q, &private->unload_work, UNLOAD_DELAY);
		return;
	}
	vfio_ccw_fsm_unload(private);
	mutex_unlock(&private->io_mutex);
}

/**
 * vfio_ccw_fsm_init() - initialize the state machine, in STANDBY
 * @private: the mediated subchannel
 */
void vfio_ccw_fsm_init(struct vfio_ccw_private *private)
{
	private->state = VFIO_CCW_STATE_STANDBY;
	init_completion(&private->quiesced);
	INIT_DELAYED_WORK(&private->unload_work, fsm_unload_todo);
}

/**
 * vfio_ccw_fsm_drain() - wait for the work item of the state machine
 * @private: the mediated subchannel, after the event CLOSE
 *
 * Interrupts queue unload_work under the lock of the subchannel, and only in a state that CLOSE has
 * left under the same lock: once this returns, it does not run and is not queued before the next
 * OPEN.
 *
 * Context: may sleep; not under io_mutex, which unload_work takes.
 */
void vfio_ccw_fsm_drain(struct vfio_ccw_private *private)
{
	cancel_delayed_work_sync(&private->unload_work);
}
