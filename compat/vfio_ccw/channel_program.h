/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose vfio_ccw_cp.c does not use an embedded struct vfio_device: cp_init() takes the
 * device to pin pages for, cp_get_orb() takes the usable paths, and cp_iova_pinned() needs a lock
 */
#ifndef COMPAT_CHANNEL_PROGRAM_H
#define COMPAT_CHANNEL_PROGRAM_H

#include <linux/io.h>

#include "vfio_ccw_private.h"

static inline int compat_cp_init(struct channel_program *cp, union orb *orb)
{
	struct vfio_ccw_private *private = container_of(cp, struct vfio_ccw_private, cp);

	return cp_init(cp, private->vdev.dev, orb);
}

static inline union orb *compat_cp_get_orb(struct channel_program *cp, struct subchannel *sch)
{
	return cp_get_orb(cp, (u32)virt_to_phys(sch), sch->lpm);
}

/*
 * io_mutex, because the channel program may end and be freed meanwhile. cp_range_pinned() comes
 * from cocci/tree/vfio_ccw_cp_range.cocci.
 */
static inline bool compat_cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
{
	struct vfio_ccw_private *private = container_of(cp, struct vfio_ccw_private, cp);
	bool pinned;

	mutex_lock(&private->io_mutex);
	pinned = cp_range_pinned(cp, iova, length);
	mutex_unlock(&private->io_mutex);
	return pinned;
}

#define cp_init(_cp, _orb) compat_cp_init(_cp, _orb)
#define cp_get_orb(_cp, _sch) compat_cp_get_orb(_cp, _sch)
#define cp_iova_pinned(_cp, _iova, _length) compat_cp_iova_pinned(_cp, _iova, _length)

#endif /* COMPAT_CHANNEL_PROGRAM_H */
