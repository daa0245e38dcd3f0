/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-ccw: guest memory of channel programs
 *
 *	vfio_ccw_program_init()		when the device is opened
 *	  vfio_ccw_program_load()	translate a program, pin its pages
 *	  vfio_ccw_program_unload()	the program has ended: unpin its pages
 *	vfio_ccw_program_destroy()	when the device is closed
 */
#ifndef _VFIO_CCW_MEM_H_
#define _VFIO_CCW_MEM_H_

#include <linux/vfio.h>

#include "orb.h"
#include "vfio_ccw_cp.h"

/**
 * struct vfio_ccw_program - the channel program of a mediated subchannel
 * @vdev: the vfio device whose user has the guest's memory
 * @cp: the translation
 * @loaded: the pages of @cp are pinned
 * @excluded_first: first byte of memory that is being unmapped
 * @excluded_last: last byte of that memory
 * @excluded_until: the time in jiffies until which no program may use that memory
 *
 * Locking: the caller's; in vfio-ccw, io_mutex.
 */
struct vfio_ccw_program {
	struct vfio_device *vdev;
	struct vfio_ccw_cp cp;
	bool loaded;
	u64 excluded_first;
	u64 excluded_last;
	unsigned long excluded_until;
};

void vfio_ccw_program_init(struct vfio_ccw_program *program, struct vfio_device *vdev);
void vfio_ccw_program_destroy(struct vfio_ccw_program *program);
int vfio_ccw_program_load(struct vfio_ccw_program *program, const void *orb);
void vfio_ccw_program_unload(struct vfio_ccw_program *program);
bool vfio_ccw_program_exclude(struct vfio_ccw_program *program, u64 iova, u64 length);

#endif
