/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-ccw: guest memory of channel programs
 *
 *	vfio_ccw_program_init()		when the device is created
 *	  vfio_ccw_program_load()	translate a program, pin its pages
 *	  vfio_ccw_program_unload()	the program has ended: unpin its pages
 *	  vfio_ccw_program_abandon()	the program does not end: keep its pages, and all other
 *					memory that the channel may access
 *	vfio_ccw_program_free()		when the device is closed, or an abandoned program has ended
 *	vfio_ccw_program_exit()		when the device is removed
 *
 * vfio_ccw_program_exclude() keeps programs out of memory while it is being unmapped.
 */
#ifndef _VFIO_CCW_MEM_H_
#define _VFIO_CCW_MEM_H_

#include <linux/list.h>
#include <linux/vfio.h>

#include "orb.h"
#include "vfio_ccw_cp.h"

/**
 * struct vfio_ccw_program - the channel program of a mediated subchannel
 * @vdev: the vfio device whose user has the guest's memory
 * @cp: the translation
 * @loaded: the pages of @cp are pinned
 * @abandoned: the pages of @cp have a reference each instead
 * @unmaps: memory that is being unmapped, of &struct mem_unmap
 *
 * Locking: the caller's; in vfio-ccw, io_mutex.
 */
struct vfio_ccw_program {
	struct vfio_device *vdev;
	struct vfio_ccw_cp cp;
	bool loaded;
	bool abandoned;
	struct list_head unmaps;
};

void vfio_ccw_program_init(struct vfio_ccw_program *program, struct vfio_device *vdev);
void vfio_ccw_program_exit(struct vfio_ccw_program *program);
void vfio_ccw_program_free(struct vfio_ccw_program *program);
int vfio_ccw_program_load(struct vfio_ccw_program *program, const void *orb);
void vfio_ccw_program_unload(struct vfio_ccw_program *program);
void vfio_ccw_program_abandon(struct vfio_ccw_program *program);
bool vfio_ccw_program_exclude(struct vfio_ccw_program *program, u64 iova, u64 length);
void vfio_ccw_program_wait_for_unmaps(void);

#endif
