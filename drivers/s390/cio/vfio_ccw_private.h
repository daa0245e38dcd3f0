/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-ccw: declarations that its files share
 *
 * The structures, enumerations and macros are those of vfio_ccw_private.h in Linux 7.3,
 * extended:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 * Author(s): Dong Jia Shi <bjsdjshi@linux.vnet.ibm.com>
 *            Xiao Feng Ren <renxiaof@linux.vnet.ibm.com>
 *            Cornelia Huck <cohuck@redhat.com>
 *
 * A file uses the files below it and none above:
 *
 *	vfio_ccw_drv.c		the css driver and the module
 *	vfio_ccw_ops.c		the mdev driver and its vfio device
 *	vfio_ccw_region.c	the regions: access by the user; the I/O region
 *	vfio_ccw_async.c, vfio_ccw_chp.c	the other regions
 *	vfio_ccw_fsm.c		the state machine
 *	vfio_ccw_sch.c		instructions to the subchannel
 *	vfio_ccw_crw.c		the queue of channel reports
 *	vfio_ccw_shared.c	debug areas, work queue, signals to the user
 *	vfio_ccw_mem.c		guest memory: reads a channel program, pins its pages
 *	vfio_ccw_cp.c		translation of channel programs
 *
 * Locks, outermost first; those in parentheses are vfio's:
 *
 *	(&vfio_group.group_lock, &vfio_device_set.lock)	held when vfio opens and closes the device
 *	(&vfio_iommu.device_list_lock)	held when vfio reports an unmapped range
 *	&vfio_ccw_private.io_mutex	serializes start, halt, clear, open, close and reset;
 *					protects the channel program and the contents of the regions
 *	(&vfio_iommu.lock, mmap_lock)	taken to pin and unpin the pages of a channel program
 *	&subchannel.lock		(IRQs off) held when css calls irq and chp_event; protects
 *					the state, every instruction to the subchannel, and the way
 *					from the subchannel to its mdev
 *	&vfio_ccw_private.crw_lock	(IRQs off) protects the queue of channel reports and the
 *					eventfds
 *
 * &subchannel.lock is never held while pages are pinned or unpinned.
 */
#ifndef _VFIO_CCW_PRIVATE_H_
#define _VFIO_CCW_PRIVATE_H_

#include <linux/completion.h>
#include <linux/eventfd.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>
#include <linux/vfio_ccw.h>
#include <linux/workqueue.h>
#include <asm/crw.h>
#include <asm/debug.h>

#include "css.h"
#include "io_sch.h"
#include "vfio_ccw_mem.h"
#include "vfio_ccw_trace.h"

/* The file offset of a region: its index, above as many bits as the largest region needs. */
#define VFIO_CCW_OFFSET_SHIFT		10
#define VFIO_CCW_OFFSET_MASK		((1ULL << VFIO_CCW_OFFSET_SHIFT) - 1)
#define VFIO_CCW_OFFSET_TO_INDEX(off)	((off) >> VFIO_CCW_OFFSET_SHIFT)
#define VFIO_CCW_INDEX_TO_OFFSET(index)	((u64)(index) << VFIO_CCW_OFFSET_SHIFT)

/* The largest region */
#define VFIO_CCW_REGION_SIZE_MAX	sizeof(struct ccw_io_region)

struct vfio_ccw_private;

/**
 * struct vfio_ccw_region - a region of the vfio device, see include/uapi/linux/vfio_ccw.h
 * @subtype: VFIO_REGION_SUBTYPE_CCW_*; 0 for the first region, which has no type
 * @size: size of the contents in bytes
 * @read: copy the contents to @data, @size bytes. Return: 0 or an error
 * @write: replace @count bytes at offset @pos by those of @data, and act on it; NULL for a region
 *	that is only read. Return: 0 or an error
 *
 * @read and @write are called without locks and may sleep. @data is kernel memory: the user's is
 * accessed without a lock of this driver, because that may take as long as the user likes
 * (Documentation/admin-guide/mm/userfaultfd.rst).
 */
struct vfio_ccw_region {
	u32 subtype;
	size_t size;
	int (*read)(struct vfio_ccw_private *private, void *data);
	int (*write)(struct vfio_ccw_private *private, const void *data, size_t pos, size_t count);
};

/**
 * struct vfio_ccw_crw - a channel report that user space has not read
 * @next: in &vfio_ccw_private.crw
 * @crw: the report
 */
struct vfio_ccw_crw {
	struct list_head next;
	struct crw crw;
};

/**
 * struct vfio_ccw_parent - private data of the css driver for a subchannel
 * @cio: not used by this driver. The driver data of the subchannel point to it, and io_subchannel
 *	takes them for its own: it has no lock between unbind and the registration of a new ccw
 *	device, which then starts I/O with an ORB in its driver data
 * @private: the private data of the mdev, or NULL; set before the vfio device is registered,
 *	cleared after it was unregistered. Locking: the lock of the subchannel
 * @gone: css unregisters the subchannel late, so that a device which came back meanwhile was not
 *	reported. Set by close, for which remove waits
 * @parent: the mdev parent
 * @type: the only type of mdev
 * @types: the array of types for the mdev core, of one entry
 *
 * In the table of vfio_ccw_drv.c from before @parent is registered until after it was unregistered.
 */
struct vfio_ccw_parent {
	struct io_subchannel_private cio;
	struct vfio_ccw_private *private;
	bool gone;
	struct mdev_parent parent;
	struct mdev_type type;
	struct mdev_type *types;
};

/**
 * enum vfio_ccw_state - states of the state machine
 * @VFIO_CCW_STATE_NOT_OPER: the device is gone or no longer used; final
 * @VFIO_CCW_STATE_STANDBY: not open; the subchannel is disabled
 * @VFIO_CCW_STATE_IDLE: open, without a channel program
 * @VFIO_CCW_STATE_CP_PROCESSING: a channel program is being translated
 * @VFIO_CCW_STATE_CP_PENDING: a channel program was started and has not ended
 * @VFIO_CCW_STATE_QUIESCING: the subchannel is being stopped
 * @NR_VFIO_CCW_STATES: number of states
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
 * @VFIO_CCW_EVENT_NOT_OPER: the device is gone, or must no longer be used
 * @VFIO_CCW_EVENT_IO_REQ: the I/O region was written
 * @VFIO_CCW_EVENT_INTERRUPT: cio_irb contains a new IRB
 * @VFIO_CCW_EVENT_ASYNC_REQ: the asynchronous command region was written
 * @VFIO_CCW_EVENT_OPEN: enable the subchannel
 * @VFIO_CCW_EVENT_CLOSE: stop and disable the subchannel
 * @VFIO_CCW_EVENT_PATH_LOST: the path that the subchannel used last can no longer be used
 * @NR_VFIO_CCW_EVENTS: number of events
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
	VFIO_CCW_EVENT_PATH_LOST,
	NR_VFIO_CCW_EVENTS
};

/* The end of a channel program, of a halt and of a clear: more wait only if the user reads none. */
#define VFIO_CCW_IRBS	3

/**
 * struct vfio_ccw_private - a mediated subchannel
 * @vdev: the vfio device; its last reference frees all of this
 * @sch: the subchannel; its child, the mdev, keeps it
 * @state: the state of the state machine. Locking: @sch->lock
 * @irb: IRBs with solicited status that the user has not read, the oldest first; the addresses are
 *	those of the guest. Locking: @sch->lock
 * @num_irbs: number of entries in use in @irb. Locking: @sch->lock
 * @unsolicited: the last IRB with unsolicited status. Locking: @sch->lock
 * @has_unsolicited: the user has not read @unsolicited. Locking: @sch->lock
 * @open: between open and close of the vfio device. Locking: @io_mutex and @sch->lock to change it,
 *	one of them to read it
 * @gone: close makes css unregister the subchannel. Locking: @sch->lock
 * @quiesced: completed by an interrupt in QUIESCING and NOT_OPER, and by the event NOT_OPER.
 *	Locking: reinitialized under @sch->lock
 * @unload_work: unpins the pages of a channel program that has ended, unless the user reads the
 *	status before
 * @crw_work: signals a channel report to user space
 * @io_mutex: see the top of this file
 * @program: the channel program. Locking: @io_mutex; interrupts read it in CP_PENDING, a state that
 *	is left before the program changes
 * @io_region: contents of the first region. Locking: @io_mutex
 * @cmd_region: contents of the asynchronous command region. Locking: @io_mutex
 * @crw_lock: see the top of this file
 * @crw: channel reports that user space has not read. Locking: @crw_lock
 * @io_trigger: eventfd for I/O interrupts. Locking: @crw_lock
 * @crw_trigger: eventfd for channel reports. Locking: @crw_lock
 * @req_trigger: eventfd for the request to release the device. Locking: @crw_lock
 */
struct vfio_ccw_private {
	struct vfio_device vdev;
	struct subchannel *sch;

	enum vfio_ccw_state state;
	struct irb irb[VFIO_CCW_IRBS];
	unsigned int num_irbs;
	struct irb unsolicited;
	bool has_unsolicited;
	bool open;
	bool gone;
	struct completion quiesced;
	struct delayed_work unload_work;
	struct work_struct crw_work;

	struct mutex io_mutex; /* see the top of this file */
	struct vfio_ccw_program program;
	struct ccw_io_region io_region;
	struct ccw_cmd_region cmd_region;

	spinlock_t crw_lock; /* see the top of this file */
	struct list_head crw;
	struct eventfd_ctx *io_trigger;
	struct eventfd_ctx *crw_trigger;
	struct eventfd_ctx *req_trigger;
};

/* vfio_ccw_ops.c */
extern struct mdev_driver vfio_ccw_mdev_driver;

/* vfio_ccw_region.c */
#define VFIO_CCW_REGIONS	4
ssize_t vfio_ccw_region_read(struct vfio_ccw_private *private, char __user *buf, size_t count,
			     u64 pos);
ssize_t vfio_ccw_region_write(struct vfio_ccw_private *private, const char __user *buf,
			      size_t count, u64 pos);
int vfio_ccw_region_info(struct vfio_region_info *info, struct vfio_info_cap *caps);

/* vfio_ccw_async.c */
extern const struct vfio_ccw_region vfio_ccw_async_region;

/* vfio_ccw_chp.c */
extern const struct vfio_ccw_region vfio_ccw_schib_region;
extern const struct vfio_ccw_region vfio_ccw_crw_region;

/* vfio_ccw_fsm.c */
void vfio_ccw_fsm_init(struct vfio_ccw_private *private);
int vfio_ccw_fsm_event(struct vfio_ccw_private *private, enum vfio_ccw_event event);
int vfio_ccw_fsm_event_locked(struct vfio_ccw_private *private, enum vfio_ccw_event event)
	__must_hold(&private->sch->lock);
void vfio_ccw_fsm_collect(struct vfio_ccw_private *private);
bool vfio_ccw_fsm_unload(struct vfio_ccw_private *private);
void vfio_ccw_fsm_drain(struct vfio_ccw_private *private);
void vfio_ccw_fsm_gone(struct vfio_ccw_private *private)
	__must_hold(&private->sch->lock);
bool vfio_ccw_fsm_closed(struct vfio_ccw_private *private);
void vfio_ccw_fsm_removed(struct vfio_ccw_private *private);

/* vfio_ccw_crw.c */
void vfio_ccw_crw_init(struct vfio_ccw_private *private);
void vfio_ccw_crw_queue(struct vfio_ccw_private *private, unsigned int rsc, unsigned int erc,
			unsigned int rsid);
bool vfio_ccw_crw_dequeue(struct vfio_ccw_private *private, struct crw *crw);
void vfio_ccw_crw_notify(struct vfio_ccw_private *private);
void vfio_ccw_crw_drop(struct vfio_ccw_private *private);

/* vfio_ccw_sch.c */
int vfio_ccw_sch_start(struct subchannel *sch, const void *orb)
	__must_hold(&sch->lock);
int vfio_ccw_sch_halt(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_clear(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_enable(struct subchannel *sch)
	__must_hold(&sch->lock);
int vfio_ccw_sch_quiesce(struct subchannel *sch, struct completion *interrupt)
	__must_hold(&sch->lock);
void vfio_ccw_sch_update_paths(struct subchannel *sch)
	__must_hold(&sch->lock);
void vfio_ccw_sch_gone(struct subchannel *sch)
	__must_hold(&sch->lock);
void vfio_ccw_sch_stray_irq(struct subchannel *sch)
	__must_hold(&sch->lock);

/* vfio_ccw_shared.c */
int vfio_ccw_shared_init(void);
void vfio_ccw_shared_exit(void);
bool vfio_ccw_signal(struct vfio_ccw_private *private, struct eventfd_ctx **trigger);
void vfio_ccw_ask_user(struct vfio_ccw_private *private, unsigned int count);

extern struct workqueue_struct *vfio_ccw_work_q;
extern debug_info_t *vfio_ccw_debug_msg_id;
extern debug_info_t *vfio_ccw_debug_trace_id;

/*
 * The debug area stores the arguments of a message; the text is formatted when the file is read.
 * So arguments must be numbers or constant texts of this module: other pointers may be stale then.
 */
#define VFIO_CCW_SCH_EVENT(level, sch, fmt, args...)					\
	do {										\
		const struct subchannel_id *_id = &(sch)->schid;			\
											\
		debug_sprintf_event(vfio_ccw_debug_msg_id, level,			\
				    "sch %x.%x.%04x: " fmt "\n",			\
				    _id->cssid, _id->ssid, _id->sch_no, ##args);	\
	} while (0)

/* The debug area stores a copy of the text. */
#define VFIO_CCW_TRACE_EVENT(level, text) \
	debug_text_event(vfio_ccw_debug_trace_id, level, text)

/* An instruction to a subchannel, and its condition code. */
#define VFIO_CCW_TRACE_CC(level, sch, text, cc)						\
	do {										\
		int _cc = (cc);								\
											\
		VFIO_CCW_TRACE_EVENT(level, text);					\
		VFIO_CCW_TRACE_EVENT(level, dev_name(&(sch)->dev));			\
		debug_event(vfio_ccw_debug_trace_id, level, &_cc, sizeof(_cc));		\
	} while (0)

#endif
