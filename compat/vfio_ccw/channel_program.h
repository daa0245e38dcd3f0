/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channel programs of vfio-ccw, as the tree's vfio_ccw_cp.c had them before drivers embedded a
 * struct vfio_device: it is told for which device it pins pages and which paths may be used, and
 * its callers see to the lock.
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
 * Whether pages of a range are pinned; the program may end and be freed meanwhile. The function is
 * that of cocci/vfio_ccw_cp_range.cocci.
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
