// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of the order of steps in vfio-ccw, for spin
 *
 * scripts/verify/model generates fsm_table.pml from fsm_table of drivers/s390/cio/vfio_ccw_fsm.c,
 * sets the number of processes of each kind, and runs spin. Documentation/driver-api/
 * vfio-ccw-model.rst has the properties and what the model leaves out.
 *
 * An inline fsm_*() is the function of that name in vfio_ccw_fsm.c. A block of atomic{} under a
 * lock stands for all steps under that lock: must_hold() checks that each access to what the lock
 * protects is under it, so that no other process can see or change it between two of these steps.
 *
 * A switch BUG_* seeds a bug, STOCK_* is the order of steps of the driver in Linux 7.3.
 */

/* Processes of each kind; those of a scenario are defined on the command line. */
#ifndef BINDERS
#define BINDERS		0
#endif
#ifndef CREATORS
#define CREATORS	0
#endif
#ifndef REMOVERS
#define REMOVERS	0
#endif
#ifndef USERS
#define USERS		0
#endif
#ifndef REQUESTERS
#define REQUESTERS	0
#endif
/* They reset the device too; they halt and clear, and read each status. */
#ifndef RESETS
#define RESETS		0
#endif
#ifndef STATUS
#define STATUS		0
#endif
/* type1 marks what is being unmapped: vfio_type1_unmap.cocci, or no such thing in older trees. */
#ifndef MARK
#define MARK		1
#endif
/* Users do not open the device again. */
#ifndef ONCE
#define ONCE		0
#endif
/* Reports of a path are queued. */
#ifndef REPORTS
#define REPORTS		0
#endif
#ifndef UNMAPPERS
#define UNMAPPERS	0
#endif
#ifndef EVENTS
#define EVENTS		0
#endif
#ifndef PATHS
#define PATHS		0
#endif
#ifndef CPUS
#define CPUS		1
#endif
#ifndef SHUTDOWNS
#define SHUTDOWNS	0
#endif
#ifndef UNLOADS
#define UNLOADS		0
#endif
/* The device may vanish; it may stop to respond. */
#ifndef VANISH
#define VANISH		0
#endif
#ifndef STICK
#define STICK		0
#endif

/* The properties, as the program prints them. */
mtype = {
	parent_alive,		/* no use of a parent after it was freed */
	private_alive,		/* no use of private data after they were freed */
	registered_device,	/* a callback uses a registered vfio device only */
	ours_only,		/* a callback takes no other driver's data for ours */
	code_loaded,		/* no callback is called after the module was unloaded */
	lock_held,		/* the lock that protects something is held when that is accessed */
	user_memory,		/* the user's memory is accessed without a lock */
	may_sleep,		/* nothing sleeps under the lock of the subchannel */
	enabled_while_open,	/* the subchannel is enabled only while the device is open */
	closed_is_standby,	/* a device that is not open can be opened again */
	status_kept,		/* no final status is lost */
	signal_kept,		/* the user is signalled for each status */
	quiesce_ends,		/* quiescing waits only for an interrupt that comes */
	working_kept,		/* a device that works is not given up */
	gone_unregistered,	/* css unregisters a subchannel whose device is gone */
	css_waits_for_none,	/* the work queue of css does not wait for a user */
	not_oper_final,		/* NOT_OPER is final */
	unmap_ends,		/* after two notifications nothing in the range is pinned */
	unpinned,		/* pages of an ended program are unpinned in time */
	work_drained,		/* no work item uses private data that are freed */
	settles,		/* sch_event is called again only for a reason */
	stopped_for_memory	/* the channel uses no page that is unpinned */
};

/* Only in atomic{}. */
inline must(property, condition)
{
	if
	:: (condition)
	:: else ->
		printf("property: %e\n", property);
		assert(false)
	fi
}

#include "fsm_table.pml"

/* Locks: the number of the process that holds it, or 0. */
byte sch_lock, io_mutex, vfio_lock, device_list_lock, iommu_lock, device_lock;

inline must_hold(lock)	{ must(lock_held, lock == _pid) }

/* A spinlock. */
inline spin_lock(lock)	{ atomic { lock == 0 -> lock = _pid } }
inline spin_unlock(lock) { atomic { must_hold(lock); lock = 0 } }

/* A mutex: its owner may sleep. */
inline mutex_lock(lock)
{
	atomic {
		must(may_sleep, sch_lock != _pid);
		lock == 0 -> lock = _pid
	}
}
inline mutex_unlock(lock) { atomic { must_hold(lock); lock = 0 } }

#define OK	0
#define BUSY	1
#define AGAIN	2
#define NODEV	3
#define IOERR	4

/* Drivers, and owners of the driver data. */
#define NONE	0
#define OURS	1
#define OTHER	2

/* css */
byte driver;			/* sch->driver, written without a lock */
byte data;			/* whose sch->dev.driver_data are */
bit registered = 1;		/* device_is_registered() */
bit dead;			/* device_del() has begun */
bit todo;			/* SCH_TODO_UNREG */
bit css_waits;			/* the work queue of css waits for the last registration */
bit code = 1;			/* the module is loaded */
byte in_code;			/* calls of sch_event in progress */
bit unloading, shutting, shut;
bit stop;			/* no process begins anything new */

/* struct vfio_ccw_parent */
bit parent;			/* allocated */
bit bound;			/* in vfio_ccw_parents, the table of subchannels */
bit parent_private;		/* its pointer to the private data */

/* mdev core */
bit types, live, slot;
byte creating, readers;
bit writer;

/* struct vfio_device */
byte registrations;
bit openable;
byte open_count, descriptors, calls;
bit in_container;
bit closed;			/* with ONCE: the device was closed */
bit may_be_enabled;		/* from before open_device() until close_device() has returned */

/* struct vfio_ccw_private */
bit private;			/* allocated */
byte state = STANDBY;
bit is_open, is_gone;
byte irb[3], num_irbs;
bit unsolicited;
bit quiesced;			/* the completion */
bit loaded;			/* a program is loaded */
bit abandoned;			/* its pages have references, because it does not end */
byte excluded;			/* unmaps that the driver was told of, a bit each */
bit queued, running, cancelling;	/* unload_work */
bit crw_queued, crw_running;	/* crw_work */

/* type1 */
byte marks;			/* unmaps of the page in progress */
bit pinned;			/* a page of the program is pinned */

/* The subchannel and its device */
bit gone, stuck, noticed;
bit ena, start_on, halt_on, clear_on;
bit hangs;			/* the program waits for a lost path */
byte status;			/* status pending: */
#define END	1
#define HALTED	2
#define CLEARED	3
#define ALERT	4

/* fsm_program_ended() */
#define not_ended	(state == CP_PENDING || state == NOT_OPER)

/* The statuses that the user waits for, and whether it was signalled. */
bit owed_end, owed_halt, owed_clear, signalled;
byte undelivered;		/* final statuses that the user has not read */
bit met;			/* shutdown and close quiesce at the same time */
byte quiescers, waiting;	/* in vfio_ccw_sch_quiesce(); those that sleep there */

#define has_irb(x)	((num_irbs > 0 && irb[0] == x) || (num_irbs > 1 && irb[1] == x) || \
			 (num_irbs > 2 && irb[2] == x))
#define comes(x)	(status == x || has_irb(x))

/* Instructions to the subchannel */

inline sch_instruction() { must_hold(sch_lock) }

inline sch_start()
{
	sch_instruction();
	if
	:: gone || !ena -> ret = NODEV
	:: else ->
		if
		:: status || start_on || halt_on || clear_on -> ret = BUSY
		:: else -> start_on = 1; hangs = 0; ret = OK
		fi
	fi
}

inline sch_halt()
{
	sch_instruction();
	if
	:: gone || !ena -> ret = NODEV
	:: else ->
		if
		:: status || halt_on || clear_on -> ret = BUSY
		:: else -> halt_on = 1; ret = OK
		fi
	fi
}

inline sch_clear()
{
	sch_instruction();
	if
	:: gone || !ena -> ret = NODEV
	:: else -> clear_on = 1; start_on = 0; halt_on = 0; status = 0; hangs = 0; ret = OK
	fi
}

/* cio_disable_subchannel() drops a pending status. */
inline sch_disable()
{
	sch_instruction();
	if
	:: gone -> ret = NODEV
	:: else ->
		status = 0;
		if
		:: start_on || halt_on || clear_on -> ret = BUSY
		:: else -> ena = 0; ret = OK
		fi
	fi
}

inline sch_enable()
{
	sch_instruction();
	if
	:: gone -> ret = NODEV
	:: else ->
		if
		:: start_on || halt_on || clear_on -> ret = BUSY
		:: else -> ena = 1; ret = OK
		fi
	fi
}

/* cio_cancel_halt_clear(): a cancel that succeeds causes no interrupt. */
inline sch_cancel_halt_clear()
{
	if
	:: gone -> ret = NODEV
	:: else ->
		if
		:: start_on && !halt_on && !clear_on -> start_on = 0; hangs = 0; ret = OK
		:: !status && !halt_on && !clear_on -> halt_on = 1; ret = BUSY
		:: clear_on = 1; start_on = 0; halt_on = 0; status = 0; hangs = 0; ret = BUSY
		fi
	fi
}

/* css_sched_sch_todo() */
inline sch_gone()
{
	must_hold(sch_lock);
	must(working_kept, gone);
	if
	:: registered && !dead -> todo = 1
	:: else
	fi
}

/* One of two may drop the status that the other waits for; that one waits until its limit. */
inline begin_quiesce()	{ quiescers++; met = met || quiescers > 1 }
inline end_quiesce()	{ quiescers--; met = met && quiescers }

/* vfio_ccw_sch_quiesce() sleeps until an interrupt; the wait is cut short only if none can come. */
inline sch_quiesce()
{
	do
	:: atomic {
		if
		:: sch_lock != _pid -> sch_lock == 0 -> sch_lock = _pid
		:: else
		fi;
		if
		:: ret == IOERR -> ret = (gone -> NODEV : IOERR); end_quiesce(); break
		:: else
		fi;
		sch_disable();
		if
		:: ret == BUSY ->
#ifndef BUG_QUIESCE_ARMED_LATE
			quiesced = 0;
#endif
			sch_cancel_halt_clear();
			if
			:: ret == BUSY -> waiting++; sch_lock = 0
			:: ret == NODEV -> end_quiesce(); break
			:: else -> ret = AGAIN
			fi
		:: else -> end_quiesce(); break
		fi
	   }
#ifdef BUG_QUIESCE_ARMED_LATE
	   if
	   :: ret == BUSY -> quiesced = 0
	   :: else
	   fi;
#endif
	   if
	   :: ret == AGAIN
	   :: atomic { ret == BUSY && quiesced -> waiting-- }
#ifndef BUG_QUIESCE_WITHOUT_END
	   :: atomic { ret == BUSY && (stuck || gone || met) ->
#else
	   :: atomic { ret == BUSY && (gone || met) ->
#endif
		ret = (stuck -> IOERR : BUSY); waiting-- }
	   fi
	od
}

/* The state machine: the functions of fsm_table. The lock of the subchannel is held. */

inline fsm_nop()		{ ret = OK }
inline fsm_busy()		{ ret = BUSY }
inline fsm_retry()		{ ret = AGAIN }
inline fsm_nodev()		{ ret = NODEV }
inline fsm_io_error()		{ ret = IOERR }
inline fsm_async_error()	{ ret = IOERR }

inline fsm_notoper()
{
	must(working_kept, gone || stuck || shutting);
	state = NOT_OPER;
	quiesced = 1;
	ret = OK
}

/* Only in atomic{}, as all functions for INTERRUPT; @irq_status is the status. */
inline fsm_stray_irq()		{ sch_disable() }

inline fsm_notoper_irq()
{
	sch_disable();
	quiesced = 1
}

inline fsm_quiesce_irq()	{ quiesced = 1 }

inline fsm_add_irb()
{
	if
	:: !STATUS
#ifdef STOCK_IRB
	:: STATUS && irq_status == ALERT -> num_irbs = 0; unsolicited = 1
#else
	:: STATUS && irq_status == ALERT -> unsolicited = 1
#endif
	:: STATUS && irq_status != ALERT ->
#ifdef BUG_STATUS_REPLACED
		num_irbs = 0;
#endif
		if
		:: num_irbs == 3 -> num_irbs = 2; irb[0] = irb[1]; irb[1] = irb[2]
		:: else
		fi;
		irb[num_irbs] = irq_status;
		num_irbs++
	fi
}

inline fsm_irq()
{
	fsm_add_irb();
	if
	:: STATUS && irq_status != ALERT -> undelivered++
	:: else
	fi;
	signalled = STATUS
}

inline queue_unload()
{
	if
	:: !cancelling -> queued = 1
	:: else
	fi
}

inline fsm_cp_irq()
{
	fsm_irq();
	if
	:: irq_status != ALERT && !start_on && !halt_on && !clear_on ->
		state = IDLE;
#ifndef BUG_ENDED_PROGRAM_PINNED
		queue_unload()
#endif
	:: else
	fi
}

inline drop_irbs()
{
	num_irbs = 0; irb[0] = 0; irb[1] = 0; irb[2] = 0; unsolicited = 0; undelivered = 0
}

/* vfio_ccw_program_unload(): under io_mutex, without the lock of the subchannel. */
inline program_unload()
{
	if
	:: atomic {
		loaded -> must(may_sleep, sch_lock != _pid);
		iommu_lock == 0 -> loaded = 0; pinned = 0
	   }
	:: !loaded
	fi
}

inline fsm_unload()
{
#ifndef BUG_SLEEP_UNDER_LOCK
	spin_unlock(sch_lock);
#endif
	program_unload();
#ifndef BUG_SLEEP_UNDER_LOCK
	spin_lock(sch_lock)
#endif
}

/* A program uses one page; pages that are being unmapped are refused. */
inline fsm_load()
{
	program_unload();
	atomic {
		iommu_lock == 0 ->
		if
		:: marks -> ret = AGAIN
#ifndef BUG_PINNED_WHILE_UNMAPPED
		:: excluded -> ret = AGAIN
#endif
		:: else -> pinned = 1; loaded = 1; ret = OK
		fi
	}
}

inline fsm_start()
{
	atomic {
		num_irbs = 0; irb[0] = 0; irb[1] = 0; irb[2] = 0; undelivered = 0;
		state = CP_PROCESSING;
		sch_lock = 0
	}
	fsm_load();
	atomic {
		sch_lock == 0 -> sch_lock = _pid;
		if
		:: ret == OK && state == CP_PROCESSING -> sch_start()
		:: ret == OK && state != CP_PROCESSING -> ret = IOERR
		:: else
		fi
	}
	if
	:: ret != OK -> fsm_unload()
	:: else
	fi;
	atomic {
		if
		:: state == CP_PROCESSING ->
			if
			:: ret == OK -> state = CP_PENDING; owed_end = STATUS
			:: else -> state = IDLE
			fi
		:: else
		fi
	}
}

/* The user has read each status before it starts the next program. */
inline fsm_io_request()
{
	if
	:: !owed_end && !owed_halt && !owed_clear -> fsm_start()
	:: else -> ret = BUSY
	fi
}

inline fsm_async_request()
{
	atomic {
		if
		:: num_irbs < 3 && !owed_halt && !owed_clear ->
			sch_halt();
			if
			:: ret == OK -> owed_halt = STATUS
			:: else
			fi
		:: num_irbs < 3 && !owed_clear ->
			sch_clear();
			if
			:: ret == OK -> owed_clear = STATUS
			:: else
			fi
		:: else -> ret = BUSY
		fi
	}
}

/* css is asked at close if the device is open: its work queue must not wait for the user. */
inline vfio_ccw_fsm_gone()
{
	must(private_alive, private);
	event_NOT_OPER();
	if
#ifndef BUG_CSS_WAITS_FOR_USER
	:: is_open -> is_gone = 1
#endif
	:: else -> sch_gone()
	fi
}

inline fsm_open()
{
	atomic {
		must(not_oper_final, state != NOT_OPER);
		sch_enable();
		if
		:: ret == NODEV -> vfio_ccw_fsm_gone(); ret = NODEV
		:: ret == OK ->
			drop_irbs();
#ifndef BUG_OPEN_LATE
			is_open = 1;
#endif
			state = IDLE
		:: else
		fi
	}
}

/* Pages of a program that does not end are kept by references: vfio_ccw_program_abandon(). */
inline fsm_stop()
{
	if
	:: !abandoned ->
		atomic { begin_quiesce(); ret = OK }
		sch_quiesce()
	:: abandoned -> ret = IOERR
	fi;
	atomic {
		was = ret;
		drop_irbs();
		owed_end = 0; owed_halt = 0; owed_clear = 0;
#ifndef STOCK_STUCK
		if
		:: ret == IOERR -> abandoned = 1
		:: else
		fi
#endif
	}
	fsm_unload();
	ret = was
}

inline fsm_close()
{
	state = QUIESCING;
	fsm_stop();
	atomic {
		if
		:: state != QUIESCING
		:: state == QUIESCING && ret == NODEV -> vfio_ccw_fsm_gone(); ret = NODEV
		:: state == QUIESCING && ret == IOERR -> fsm_notoper(); ret = IOERR
		:: state == QUIESCING && ret == OK ->
#ifdef BUG_SUCCESS_IS_AN_ERROR
			fsm_notoper();
#else
			state = STANDBY;
#endif
			ret = OK
		fi;
		was = 0
	}
}

/* A cancel would cause no interrupt: clear. */
inline fsm_path_lost()
{
	if
#ifndef BUG_PATH_LOST_IGNORED
	:: (start_on || halt_on) && !clear_on -> sch_clear()
#endif
	:: else
	fi;
	ret = OK
}

/* The conditions of each event of a callback; only in atomic{}. */
inline callback()
{
	must_hold(sch_lock);
	must(private_alive, private);
	must(registered_device, registrations)
}

/* Events of the user: under io_mutex. */
#ifdef STOCK_RESET
#define request_holds	true
#else
#define request_holds	(io_mutex == _pid)
#endif

inline request()
{
	atomic {
		must(lock_held, request_holds);
		must(private_alive, private)
	}
}

/* vfio_ccw_get_private(): sets has. An entry of the table is erased under the lock. */
inline get_private()
{
	must_hold(sch_lock);
	if
	:: bound ->
		must(parent_alive, parent);
		if
		:: parent_private ->
			must(private_alive, private);
			if
			:: registrations -> registrations++; has = 1
			:: else
			fi
		:: else
		fi
	:: else
	fi
}

inline put_private()
{
	if
	:: has -> must(private_alive, private); registrations--; has = 0
	:: else
	fi
}

/* css: machine checks */

inline device_gone()
{
	get_private();
	noticed = 1;
	must(ours_only, driver == OURS);
#ifdef BUG_GONE_WITHOUT_LOCK
	sch_lock = 0;
#endif
	if
	:: has -> callback(); vfio_ccw_fsm_gone()
#ifndef BUG_GONE_NEEDS_MDEV
	:: else -> sch_gone()
#else
	:: else
#endif
	fi;
	put_private()
}

/* Under the lock of the subchannel. */
inline sch_event()
{
	if
#ifdef BUG_LATE_EVENT_HANDLED
	:: !registered || todo
#else
	:: !bound || !registered || todo
#endif
	:: else ->
		if
		:: gone -> device_gone()
		:: else
		fi;
#ifdef BUG_AGAIN_WITHOUT_MDEV
		get_private();
		must(settles, has);
		put_private()
#endif
	fi
}

/* 7.3 reads the pointers before it takes the lock. */
inline stock_event()
{
	if
	:: has && gone ->
		noticed = 1;
		must(private_alive, private);
		event_NOT_OPER();
		sch_gone()
	:: else
	fi;
	has = 0
}

/* css_evaluate_known_subchannel(): css has a reference on the subchannel, and no lock. */
proctype event()
{
	byte ret, was, irq_status;
	bit has;

end:	do
	:: atomic {
		driver == OURS && (!stop || (gone && !noticed)) -> in_code++;
#ifdef STOCK_POINTER
		has = (bound && parent_private)
#endif
	   }
	   atomic {
		sch_lock == 0 -> sch_lock = _pid;
		must(code_loaded, code);
#if defined(STOCK_POINTER)
		stock_event();
#elif defined(BUG_DRIVER_READ_FIRST)
		/* a draft looked at sch->driver, and then took the driver data for ours */
		has = (driver == OURS)
	   }
	   atomic {
		must(ours_only, !has || data != OTHER);
		has = 0;
#else
		sch_event();
#endif
		ret = 0;
		sch_lock = 0;
		in_code--
	   }
	od
}

inline crw_queue()
{
	if
#ifndef BUG_REPORTS_WHEN_CLOSED
	:: state == STANDBY || state == NOT_OPER
#endif
	:: else -> crw_queued = 1
	fi
}

/* css: a path is varied, or a report of a path; with the lock of the subchannel held. */
proctype path()
{
	byte ret, was, irq_status;
	bit has;

end:	do
	:: atomic {
		!stop && driver == OURS && sch_lock == 0 -> sch_lock = _pid;
		if
		:: gone || !bound
		:: else ->
			get_private();
			if
			:: has ->
				callback();
				if
#ifdef STOCK_PATH
				:: !stop -> sch_cancel_halt_clear()
#else
				:: hangs = start_on; event_PATH_LOST()
#endif
#if REPORTS
				:: true -> crw_queue()
#endif
				fi
			:: else
			fi;
#ifdef BUG_DROP_PUT_PATH
			has = 0
#else
			put_private()
#endif
		fi;
		sch_lock = 0
	   }
	od
}

/* The device, and interrupts on a CPU. */
proctype cpu()
{
	byte ret, was, irq_status;
	bit has;

end:	do
	/* a function ends */
	:: atomic {
		!status && !gone && !stuck && ((start_on && !hangs) || halt_on || clear_on) ->
		if
		:: clear_on -> status = CLEARED
		:: !clear_on && halt_on -> status = HALTED
		:: !clear_on && !halt_on -> status = END
		fi;
		start_on = 0; halt_on = 0; clear_on = 0; hangs = 0
	   }
	/* attention */
	:: atomic { STATUS && !stop && ena && !status && !gone && !unsolicited -> status = ALERT }
	/* do_cio_interrupt() */
	:: atomic {
		ena && !gone && status && sch_lock == 0 -> sch_lock = _pid;
		irq_status = status;
		status = 0;
		if
		:: driver == OURS ->
			get_private();
			if
			:: has -> callback(); event_INTERRUPT()
			:: !has && bound -> fsm_stray_irq()
			:: else
			fi;
#ifdef BUG_DROP_PUT_IRQ
			has = 0
#else
			put_private()
#endif
		:: else
		fi;
		irq_status = 0;
		sch_lock = 0
	   }
	od
}

proctype vanish()
{
end:	atomic { !stop -> gone = 1 }
}

proctype stick()
{
end:	atomic { !stop -> stuck = 1 }
}

/* css_driver.shutdown, under the lock of the device */
proctype shutdown()
{
	byte ret, was, irq_status;
	bit has;

end:	atomic { !stop -> shutting = 1 }
	mutex_lock(device_lock);
	if
	:: driver == OURS ->
		spin_lock(sch_lock);
		atomic {
			get_private();
			if
			:: has -> callback(); event_NOT_OPER()
			:: else
			fi
		}
		if
		:: has ->
			atomic { begin_quiesce(); ret = OK }
			sch_quiesce();
			atomic { sch_lock = 0; put_private() }
		:: else -> spin_unlock(sch_lock)
		fi
	:: else
	fi;
	atomic { shut = 1; device_lock = 0 }
}

/* The mdev driver */

inline hide_private()
{
	atomic { sch_lock == 0 -> parent_private = 0 }
}

/* The last reference on the vfio device */
inline free_private()
{
	atomic {
		must(work_drained, !queued && !running && !crw_queued && !crw_running);
		private = 0;
		state = STANDBY; is_gone = 0; quiesced = 0; signalled = 0;
		excluded = 0
	}
}

/* vfio_ccw_fsm_removed(): try once more to stop a subchannel that did not stop. */
inline retry_stop()
{
	if
	:: abandoned ->
		atomic { sch_lock == 0 -> sch_lock = _pid; begin_quiesce(); ret = OK }
		sch_quiesce();
		atomic {
			/* otherwise the pages are lost */
			if
			:: ret != IOERR -> abandoned = 0
			:: else
			fi;
			sch_lock = 0
		}
	:: else
	fi
}

inline mdev_remove()
{
#ifdef BUG_PRIVATE_FREED_FIRST
	hide_private();
	free_private();
#endif
#ifdef BUG_CLEAR_BEFORE_UNREGISTER
	hide_private();
#endif
	/* vfio_unregister_group_dev() */
	atomic { openable = 0; registrations-- }
	registrations == 0;
#ifndef BUG_PRIVATE_FREED_FIRST
#ifndef STOCK_POINTER
	hide_private();
#else
	/* 7.3 clears the pointer without the lock */
	parent_private = 0;
#endif
	retry_stop();
	free_private()
#endif
}

inline mdev_probe()
{
	atomic { private = 1 }
	/* published before it is registered: the device may be opened at once */
	atomic { sch_lock == 0 -> must(parent_alive, parent); parent_private = 1 }
	if
	:: atomic { registrations = 1; openable = 1; live = 1 }
	:: /* vfio_register_emulated_iommu_dev() fails */
	   hide_private();
	   free_private();
	   slot = 0
	fi
}

/* The mdev core: sysfs files create and remove */

proctype creator()
{
end:	do
	/* kernfs keeps the parent registered while a file of it is written */
	:: atomic {
		!stop && !shutting && types && !writer && !slot ->
		creating++; readers++; slot = 1
	   }
	   mdev_probe();
	   atomic { readers--; creating-- }
	od
}

proctype remover()
{
	byte ret;

end:	do
	:: atomic { !stop && live && !writer -> live = 0; readers++ }
	   mdev_remove();
	   atomic { slot = 0; readers-- }
	od
}

/* mdev_unregister_parent() */
inline unregister_parent()
{
	atomic { !readers && !writer -> writer = 1; types = 0 }
	if
	:: live -> live = 0; mdev_remove(); slot = 0
	:: else
	fi;
	atomic { !creating -> writer = 0 }
}

/* css: bind and unbind, under the lock of the device */

inline erase_parent()
{
	atomic { sch_lock == 0 -> bound = 0; data = NONE }
}

inline sch_probe()
{
	driver = OURS;
	/* in the table before it is registered: an mdev may be created at once */
	atomic { parent = 1; bound = 1; data = OURS }
	if
	:: types = 1
	:: /* mdev_register_parent() fails */
	   erase_parent();
	   atomic { parent = 0; driver = NONE }
	fi
}

inline sch_remove()
{
#ifdef BUG_PARENT_CLEARED_FIRST
	erase_parent();
#endif
	unregister_parent();
#ifdef BUG_PARENT_FREED_AT_ONCE
	parent = 0;
#endif
	erase_parent();
	parent = 0;
	driver = NONE
}

/* Another driver: it writes the driver data without the lock. */
inline other_probe()
{
	driver = OTHER;
	data = OTHER
}

inline other_remove()
{
	atomic { sch_lock == 0 -> data = NONE }
	driver = NONE
}

inline unbind()
{
	if
	:: driver == OURS -> sch_remove()
	:: driver == OTHER -> other_remove()
	:: else
	fi
}

proctype binder()
{
	byte ret;

end:	do
	:: atomic { !stop && !shutting && device_lock == 0 -> device_lock = _pid }
	   if
	   :: driver != NONE -> unbind()
	   :: driver == NONE && !dead && !unloading -> sch_probe()
	   :: driver == NONE && !dead -> other_probe()
	   :: else
	   fi;
	   mutex_unlock(device_lock)
	od
}

/* The work queue of css: css_sch_todo() */
proctype css_work()
{
	byte ret;

end:	atomic { todo -> todo = 0; dead = 1 }
	atomic { device_lock == 0 -> device_lock = _pid; css_waits = 1 }
	unbind();
	atomic { css_waits = 0; registered = 0; device_lock = 0 }
}

/* Unload of the module */
proctype rmmod()
{
	byte ret;

end:	atomic { !stop && device_lock == 0 -> device_lock = _pid; unloading = 1 }
	if
	:: driver == OURS -> sch_remove()
	:: else
	fi;
	mutex_unlock(device_lock);
#ifndef BUG_NO_GRACE_PERIOD
	in_code == 0;	/* synchronize_rcu_tasks() */
#endif
	code = 0
}

/* The user */

/* type1 leaves out a device from now on. It does so after close_device(). */
inline unregister_from_container()
{
	atomic { device_list_lock == 0 && iommu_lock == 0 -> in_container = 0 }
}

inline vfio_open()
{
	mutex_lock(vfio_lock);
	if
	:: open_count == 0 ->
		atomic {
			device_list_lock == 0 && iommu_lock == 0 && io_mutex == 0 ->
			in_container = 1; may_be_enabled = 1; io_mutex = _pid;
#ifdef BUG_PROGRAM_FORGOTTEN
			abandoned = 0
#endif
		}
		request_OPEN();
		atomic {
#ifdef BUG_OPEN_LATE
			sch_lock = 0
		}
		atomic {
			sch_lock == 0 -> sch_lock = _pid;
#endif
			if
			:: ret == OK -> is_open = 1; open_count = 1
			:: else -> may_be_enabled = 0
			fi;
			sch_lock = 0;
			io_mutex = 0
		}
		if
		:: ret != OK -> unregister_from_container()
		:: else
		fi
	:: else -> ret = OK; open_count++
	fi;
	mutex_unlock(vfio_lock)
}

inline vfio_close()
{
	mutex_lock(vfio_lock);
	open_count--;
	if
	:: open_count == 0 ->
		mutex_lock(io_mutex);
		request_CLOSE();
		/* vfio_ccw_fsm_drain(): cancel_delayed_work_sync() */
#ifdef STOCK_DRAIN
		atomic { sch_lock = 0; io_mutex = 0 }
#else
		atomic { sch_lock = 0; io_mutex = 0; queued = 0; cancelling = 1 }
		atomic { !running -> cancelling = 0 }
#endif
		atomic {
			sch_lock == 0 && io_mutex == 0 -> sch_lock = _pid;
			is_open = 0;
			if
			:: is_gone -> sch_gone()
			:: else
			fi;
			/* vfio_ccw_crw_drop() */
			crw_queued = 0;
			sch_lock = 0
		}
		atomic { !crw_running -> signalled = 0; may_be_enabled = 0 }
		unregister_from_container()
	:: else
	fi;
	mutex_unlock(vfio_lock)
}

inline reset()
{
	request_CLOSE();
	spin_unlock(sch_lock);
	if
	:: ret == OK ->
		request_OPEN();
		spin_unlock(sch_lock)
	:: else
	fi
}

inline reset_ioctl()
{
#if !defined(BUG_RESET_WITHOUT_MUTEX) && !defined(STOCK_RESET)
	mutex_lock(io_mutex);
#endif
	reset();
#if !defined(BUG_RESET_WITHOUT_MUTEX) && !defined(STOCK_RESET)
	mutex_unlock(io_mutex)
#endif
}

/* A write to the I/O region or to the one for commands: a busy io_mutex makes it fail. */
inline start_or_command()
{
#ifdef BUG_FAULT_UNDER_MUTEX
	skip;
	mutex_lock(io_mutex);
	atomic { must(user_memory, io_mutex != _pid) }
#endif
	if
	:: atomic { io_mutex == 0 -> io_mutex = _pid }
	   if
	   :: true -> request_IO_REQ()
#if STATUS
	   :: true -> request_ASYNC_REQ()
#endif
	   fi;
	   atomic { sch_lock = 0; io_mutex = 0 }
	:: io_mutex != 0
	fi
}

inline take_irb()
{
	if
	:: num_irbs ->
		if
		:: irb[0] == END -> owed_end = 0
		:: irb[0] == HALTED -> owed_end = 0; owed_halt = 0
		:: irb[0] == CLEARED -> owed_end = 0; owed_halt = 0; owed_clear = 0
		:: else
		fi;
		irb[0] = irb[1]; irb[1] = irb[2]; irb[2] = 0;
		num_irbs--;
		undelivered--
	:: else -> unsolicited = 0
	fi;
	if
	:: num_irbs || unsolicited -> signalled = 1
	:: else
	fi
}

/* The user reads the I/O region after a signal: vfio_ccw_fsm_collect(). */
inline collect()
{
	atomic {
		signalled && io_mutex == 0 && sch_lock == 0 -> io_mutex = _pid;
		signalled = 0;
		take_irb();
		ret = (not_ended -> BUSY : OK);
		if
		:: ret == OK && loaded -> queued = 0
		:: else -> ret = BUSY
		fi
	}
	if
	:: ret == OK -> program_unload()
	:: else
	fi;
	mutex_unlock(io_mutex)
}

/* A file descriptor: opened and closed. The last call on it has returned before it is closed. */
proctype user()
{
	byte ret, was, irq_status;

end:	do
	:: atomic { !stop && openable && registrations && !(ONCE && closed) -> registrations++ }
	   vfio_open();
	   if
	   :: ret == OK ->
		descriptors++;
		atomic { descriptors > 1 || calls == 0 -> descriptors-- }
		vfio_close();
		closed = ONCE
	   :: else
	   fi;
	   atomic { registrations--; ret = 0; was = 0 }
	od
}

/* A thread that uses the file descriptor. */
proctype requester()
{
	byte ret, was, irq_status;

end:	do
	:: atomic { !stop && descriptors -> calls++ }
	   if
	   :: start_or_command()
#if STATUS
	   :: collect()
#endif
#if RESETS
	   :: true -> reset_ioctl()
#endif
	   fi;
	   atomic { calls--; ret = 0; was = 0 }
	od
}

/* unload_work */
proctype unload()
{
	byte ret;

end:	do
	:: atomic { queued && !running -> queued = 0; running = 1; must(private_alive, private) }
	   if
	   :: !loaded
	   :: loaded ->
		if
		:: atomic {
			io_mutex == 0 && sch_lock == 0 -> io_mutex = _pid;
			ret = (not_ended -> BUSY : OK)
		   }
		   if
		   :: ret == OK -> program_unload()
		   :: else
		   fi;
		   mutex_unlock(io_mutex)
		:: atomic { io_mutex != 0 -> queue_unload() }
		fi
	   fi;
	   atomic { must(private_alive, private); running = 0; ret = 0 }
	od
}

/* crw_work */
proctype report()
{
end:	do
	:: atomic {
		crw_queued && !crw_running -> crw_queued = 0; crw_running = 1;
		must(private_alive, private)
	   }
	   atomic { must(private_alive, private); crw_running = 0 }
	od
}

inline ended()
{
	atomic { sch_lock == 0 -> ret = (not_ended -> BUSY : OK) }
}

inline dma_unmap()
{
	mutex_lock(io_mutex);
#ifndef BUG_UNMAP_IGNORED
	excluded = excluded | (1 << id);
	if
	:: loaded ->
		ended();
#ifdef BUG_CLOSED_DEVICE_OPENED
		mutex_unlock(io_mutex);
		mutex_lock(io_mutex);
#endif
		if
		:: ret == OK -> program_unload()
		:: else -> reset()
		fi
	:: else
	fi;
#endif
	mutex_unlock(io_mutex)
}

/*
 * The user unmaps the page of its programs: vfio_dma_do_unmap(), which tells the driver until
 * nothing is pinned. After ten times it would hit BUG_ON().
 */
proctype unmapper(byte id)
{
	byte ret, was, irq_status, told;

end:	do
	:: atomic { !stop && iommu_lock == 0 -> iommu_lock = _pid }
	   do
	   :: atomic {
		pinned -> told++;
		must(unmap_ends, told < 3);
		if
		:: told == 1 -> marks = marks + MARK
		:: else
		fi
	      }
#ifdef STOCK_TYPE1
		mutex_lock(device_list_lock);
#endif
		mutex_unlock(iommu_lock);
#ifndef STOCK_TYPE1
		mutex_lock(device_list_lock);
#endif
		if
		:: in_container -> dma_unmap()
		:: else
		fi;
		mutex_unlock(device_list_lock);
		mutex_lock(iommu_lock)
	   :: !pinned -> break
	   od;
	   /* a task work ends the exclusion before the next system call */
	   atomic {
		must_hold(iommu_lock);
		iommu_lock = 0;
		if
		:: told -> marks = marks - MARK
		:: else
		fi;
		excluded = excluded & (255 - (1 << id));
		told = 0; ret = 0; was = 0
	   }
	od
}

/* Ends everything; and looks at what must be true at any time. */
#define lost_end	(owed_end && !start_on && !halt_on && !clear_on && \
			 !comes(END) && !comes(HALTED) && !comes(CLEARED))
#define lost_halt	(owed_halt && !halt_on && !clear_on && !comes(HALTED) && !comes(CLEARED))
#define lost_clear	(owed_clear && !clear_on && !comes(CLEARED))

proctype monitor()
{
	if
	:: atomic { ena && !may_be_enabled && !stuck && !gone -> must(enabled_while_open, false) }
	:: atomic { ena && shut && !stuck && !gone -> must(enabled_while_open, false) }
	:: atomic { !may_be_enabled && private && state != STANDBY && state != NOT_OPER ->
			must(closed_is_standby, false) }
	:: atomic { (lost_end || lost_halt || lost_clear) && sch_lock == 0 && !gone &&
		    state != NOT_OPER && state != QUIESCING -> must(status_kept, false) }
	:: atomic { undelivered != num_irbs && sch_lock == 0 -> must(status_kept, false) }
	:: atomic { hangs && start_on && !halt_on && state == CP_PENDING && sch_lock == 0 &&
		    !gone -> must(status_kept, false) }
	:: atomic { (num_irbs || unsolicited) && !signalled && sch_lock == 0 && may_be_enabled &&
		    state != QUIESCING -> must(signal_kept, false) }
	:: atomic { waiting == 1 && !met && !quiesced && !start_on && !halt_on &&
		    !clear_on && !status && !gone && !stuck -> must(quiesce_ends, false) }
	:: atomic { css_waits && is_open && open_count -> must(css_waits_for_none, false) }
	:: atomic { start_on && !pinned && !abandoned && !gone -> must(stopped_for_memory, false) }
	:: atomic { state == IDLE && loaded && !queued && !running && io_mutex == 0 &&
		    sch_lock == 0 -> must(unpinned, false) }
	/* all have ended */
	:: atomic { stop && timeout && !iommu_lock && !io_mutex && !vfio_lock && !device_lock ->
		must(gone_unregistered, !(gone && noticed && driver == OURS));
		must(unpinned, !pinned) }
	fi
}

proctype stopper()
{
	stop = 1
}

#define start(number, kind)	n = 0; do :: n < number -> run kind(); n++ :: else -> break od

init
{
	byte n;

	atomic {
#if BINDERS == 0
		driver = OURS; parent = 1; bound = 1; data = OURS; types = 1;
#if CREATORS == 0
		private = 1; parent_private = 1; registrations = 1; openable = 1; live = 1;
		slot = 1;
#endif
#endif
		start(BINDERS, binder);
		start(CREATORS, creator);
		start(REMOVERS, remover);
		start(USERS, user);
		start(REQUESTERS, requester);
		n = 0; do :: n < UNMAPPERS -> run unmapper(n); n++ :: else -> break od;
		start(EVENTS, event);
		start(PATHS, path);
		start(CPUS, cpu);
		start(SHUTDOWNS, shutdown);
		start(UNLOADS, rmmod);
		start(VANISH, vanish);
		start(STICK, stick);
		run css_work();
		run unload();
		start(REPORTS, report);
		run monitor();
		run stopper();
		n = 0
	}
}
