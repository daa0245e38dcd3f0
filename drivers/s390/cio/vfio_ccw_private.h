/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-ccw: what its files share
 *
 * A file uses those below it and none above:
 *
 *	vfio_ccw_drv.c		the css driver and the module
 *	vfio_ccw_ops.c		the mdev driver and its vfio device
 *	vfio_ccw_async.c, vfio_ccw_chp.c	regions beyond the first
 *	vfio_ccw_fsm.c		the state machine
 *	vfio_ccw_sch.c		instructions to the subchannel, channel reports, list of regions
 *	vfio_ccw_cp.c		channel programs
 *
 * Locks, outermost first:
 *
 *	&vfio_ccw_private.io_mutex	who asks: one of start, halt, clear, open, close, reset at
 *					a time; the channel program; contents of the regions
 *	&subchannel.lock		(IRQs off) every change of state, all talk with the
 *					subchannel, what is published in its driver data
 *	&vfio_ccw_private.crw_lock	(IRQs off) queue of channel reports, the eventfds
 */
#ifndef _VFIO_CCW_PRIVATE_H_
#define _VFIO_CCW_PRIVATE_H_

#include <linux/completion.h>
#include <linux/eventfd.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>
#include <linux/vfio_ccw.h>
#include <linux/workqueue.h>
#include <asm/crw.h>
#include <asm/debug.h>

#include "css.h"
#include "vfio_ccw_cp.h"

/* A region's index is in the file offset, above as many bits as any region needs. */
#define VFIO_CCW_OFFSET_SHIFT		10
#define VFIO_CCW_OFFSET_MASK		((1ULL << VFIO_CCW_OFFSET_SHIFT) - 1)
#define VFIO_CCW_OFFSET_TO_INDEX(off)	((off) >> VFIO_CCW_OFFSET_SHIFT)
#define VFIO_CCW_INDEX_TO_OFFSET(index)	((u64)(index) << VFIO_CCW_OFFSET_SHIFT)

/* The asynchronous command, schib and crw regions. */
#define VFIO_CCW_MAX_DEV_REGIONS	3

struct vfio_ccw_private;
struct vfio_ccw_region;

/**
 * struct vfio_ccw_regops - what a region beyond the first does
 * @read: pread() on the region; *ppos holds the region's index too
 * @write: pwrite() on the region
 * @release: the vfio device is freed
 *
 * @read and @write are called without locks and may sleep.
 */
struct vfio_ccw_regops {
	ssize_t (*read)(struct vfio_ccw_private *private, char __user *buf, size_t count,
			loff_t *ppos);
	ssize_t (*write)(struct vfio_ccw_private *private, const char __user *buf, size_t count,
			 loff_t *ppos);
	void (*release)(struct vfio_ccw_private *private, struct vfio_ccw_region *region);
};

/**
 * struct vfio_ccw_region - a region beyond the first
 * @type: VFIO_REGION_TYPE_CCW
 * @subtype: VFIO_REGION_SUBTYPE_CCW_*
 * @ops: what it does
 * @data: its contents
 * @size: size of the contents
 * @flags: VFIO_REGION_INFO_FLAG_*
 */
struct vfio_ccw_region {
	u32 type;
	u32 subtype;
	const struct vfio_ccw_regops *ops;
	void *data;
	size_t size;
	u32 flags;
};

/**
 * struct vfio_ccw_crw - a channel report that waits to be read
 * @next: in &vfio_ccw_private.crw
 * @crw: the report
 */
struct vfio_ccw_crw {
	struct list_head next;
	struct crw crw;
};

/**
 * struct vfio_ccw_parent - what the css driver keeps for a subchannel
 * @rcu: the memory goes a grace period after it left the subchannel's driver data
 * @private: the mdev's memory, or NULL; published before the vfio device is registered, cleared
 *	after it was unregistered
 * @parent: of the mdev
 * @type: the only type of mdev
 * @types: what the core takes for an array of the types; there is one
 *
 * Published in the driver data of the subchannel, under its lock.
 */
struct vfio_ccw_parent {
	struct rcu_head rcu;
	struct vfio_ccw_private __rcu *private;
	struct mdev_parent parent;
	struct mdev_type type;
	struct mdev_type *types;
};

/**
 * enum vfio_ccw_state - states of the state machine
 * @VFIO_CCW_STATE_NOT_OPER: the device is gone or given up; final
 * @VFIO_CCW_STATE_STANDBY: nobody has it open; the subchannel is disabled
 * @VFIO_CCW_STATE_IDLE: open; no channel program
 * @VFIO_CCW_STATE_CP_PROCESSING: a channel program is being translated
 * @VFIO_CCW_STATE_CP_PENDING: a channel program was started and has not ended
 * @VFIO_CCW_STATE_QUIESCING: whatever runs is being stopped
 * @NR_VFIO_CCW_STATES: how many there are
 *
 * The numbers are in trace output.
 */
enum vfio_ccw_state {
	VFIO_CCW_STATE_NOT_OPER,
	VFIO_CCW_STATE_STANDBY,
	VFIO_CCW_STATE_IDLE,
	VFIO_CCW_STATE_CP_PROCESSING,
	VFIO_CCW_STATE_CP_PENDING,
	VFIO_CCW_STATE_QUIESCING,
	NR_VFIO_CCW_STATES
};

/**
 * enum vfio_ccw_event - events of the state machine
 * @VFIO_CCW_EVENT_NOT_OPER: the device is gone, or must not be used any more
 * @VFIO_CCW_EVENT_IO_REQ: the I/O region was written
 * @VFIO_CCW_EVENT_INTERRUPT: there is a new IRB in cio_irb
 * @VFIO_CCW_EVENT_ASYNC_REQ: the asynchronous command region was written
 * @VFIO_CCW_EVENT_OPEN: enable the subchannel
 * @VFIO_CCW_EVENT_CLOSE: stop what runs and disable the subchannel
 * @VFIO_CCW_EVENT_IO_DONE: the final interrupt of a channel program is being delivered
 * @NR_VFIO_CCW_EVENTS: how many there are
 *
 * The numbers are in trace output.
 */
enum vfio_ccw_event {
	VFIO_CCW_EVENT_NOT_OPER,
	VFIO_CCW_EVENT_IO_REQ,
	VFIO_CCW_EVENT_INTERRUPT,
	VFIO_CCW_EVENT_ASYNC_REQ,
	VFIO_CCW_EVENT_OPEN,
	VFIO_CCW_EVENT_CLOSE,
	VFIO_CCW_EVENT_IO_DONE,
	NR_VFIO_CCW_EVENTS
};

/**
 * struct vfio_ccw_private - a mediated subchannel
 * @vdev: the vfio device; its last reference frees all of this
 * @sch: the subchannel; valid for as long as the mdev is, which is its child
 * @state: of the state machine. Locking: @sch->lock
 * @irb: of the last interrupt. Locking: @sch->lock
 * @irb_pending: @irb waits for @io_work. Locking: @sch->lock
 * @cp_ended: the final interrupt of @cp waits for @io_work. Locking: @sch->lock
 * @quiesced: what quiescing waits for. Locking: re-armed under @sch->lock
 * @io_work: delivers an interrupt to user space
 * @crw_work: tells user space of a channel report
 * @io_mutex: see the top of this file
 * @cp: the channel program. Locking: @io_mutex
 * @start_after: the time in jiffies before which no program starts. Locking: @io_mutex
 * @io_region: contents of the first region. Locking: @io_mutex
 * @cmd_region: contents of the asynchronous command region. Locking: @io_mutex
 * @schib_region: contents of the schib region. Locking: @io_mutex
 * @crw_region: contents of the crw region. Locking: @io_mutex
 * @num_regions: entries of @region in use; does not change once the mdev is published
 * @region: regions beyond the first
 * @crw_lock: see the top of this file
 * @crw: channel reports that wait to be read. Locking: @crw_lock
 * @io_trigger: eventfd for I/O interrupts. Locking: @crw_lock
 * @crw_trigger: eventfd for channel reports. Locking: @crw_lock
 * @req_trigger: eventfd for the request to let go. Locking: @crw_lock
 *
 * The regions with one element are arrays because the files that handle them want pointers.
 */
struct vfio_ccw_private {
	struct vfio_device vdev;
	struct subchannel *sch;

	enum vfio_ccw_state state;
	struct irb irb;
	bool irb_pending;
	bool cp_ended;
	struct completion quiesced;
	struct work_struct io_work;
	struct work_struct crw_work;

	struct mutex io_mutex; /* see the top of this file */
	struct channel_program cp;
	unsigned long start_after;
	struct ccw_io_region io_region;
	struct ccw_cmd_region cmd_region[1];
	struct ccw_schib_region schib_region[1];
	struct ccw_crw_region crw_region[1];
	int num_regions;
	struct vfio_ccw_region region[VFIO_CCW_MAX_DEV_REGIONS];

	spinlock_t crw_lock; /* see the top of this file */
	struct list_head crw;
	struct eventfd_ctx *io_trigger;
	struct eventfd_ctx *crw_trigger;
	struct eventfd_ctx *req_trigger;
};

/* vfio_ccw_ops.c */
extern struct mdev_driver vfio_ccw_mdev_driver;

/* vfio_ccw_async.c, vfio_ccw_chp.c */
int vfio_ccw_register_async_dev_regions(struct vfio_ccw_private *private);
int vfio_ccw_register_schib_dev_regions(struct vfio_ccw_private *private);
int vfio_ccw_register_crw_dev_regions(struct vfio_ccw_private *private);

/* vfio_ccw_fsm.c */
void vfio_ccw_fsm_init(struct vfio_ccw_private *private);
int vfio_ccw_fsm_event(struct vfio_ccw_private *private, enum vfio_ccw_event event);
int vfio_ccw_fsm_event_locked(struct vfio_ccw_private *private, enum vfio_ccw_event event)
	__must_hold(&private->sch->lock);
void vfio_ccw_fsm_drain(struct vfio_ccw_private *private);

/* vfio_ccw_sch.c */
int vfio_ccw_sch_module_init(void);
void vfio_ccw_sch_module_exit(void);

int vfio_ccw_register_dev_region(struct vfio_ccw_private *private, unsigned int subtype,
				 const struct vfio_ccw_regops *ops, size_t size, u32 flags,
				 void *data);
void vfio_ccw_unregister_dev_regions(struct vfio_ccw_private *private);

void vfio_ccw_crw_init(struct vfio_ccw_private *private);
void vfio_ccw_crw_queue(struct vfio_ccw_private *private, unsigned int rsc, unsigned int erc,
			unsigned int rsid);
struct vfio_ccw_crw *vfio_ccw_crw_dequeue(struct vfio_ccw_private *private);
void vfio_ccw_crw_notify(struct vfio_ccw_private *private);
void vfio_ccw_crw_drop(struct vfio_ccw_private *private);

int vfio_ccw_sch_start(struct subchannel *sch, struct channel_program *cp)
	__must_hold(&sch->lock);
int vfio_ccw_sch_halt(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_clear(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_enable(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_quiesce(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock);
void vfio_ccw_sch_update_paths(struct subchannel *sch)
	__must_hold(&sch->lock);
void vfio_ccw_sch_gone(struct subchannel *sch)
	__must_hold(&sch->lock);
void vfio_ccw_sch_stray_irq(struct subchannel *sch)
	__must_hold(&sch->lock);

extern struct workqueue_struct *vfio_ccw_work_q;
extern debug_info_t *vfio_ccw_debug_msg_id;
extern debug_info_t *vfio_ccw_debug_trace_id;

/*
 * Messages keep their arguments, not the text that those make, until somebody reads the file:
 * they may only be numbers, never pointers to what may be freed meanwhile.
 */
#define VFIO_CCW_SCH_EVENT(level, sch, fmt, args...)					\
	do {										\
		const struct subchannel_id *_id = &(sch)->schid;			\
											\
		debug_sprintf_event(vfio_ccw_debug_msg_id, level,			\
				    "sch %x.%x.%04x: " fmt "\n",			\
				    _id->cssid, _id->ssid, _id->sch_no, ##args);	\
	} while (0)

/* Traces keep a copy of their bytes. */
#define VFIO_CCW_TRACE_EVENT(level, text) \
	debug_text_event(vfio_ccw_debug_trace_id, level, text)

#endif
