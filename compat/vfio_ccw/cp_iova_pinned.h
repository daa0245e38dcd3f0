/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose cp_iova_pinned() compares one page only
 *
 * cp_range_pinned() comes from cocci/tree/vfio_ccw_cp_range.cocci. io_mutex, because the channel
 * program may end and be freed meanwhile.
 */
#ifndef COMPAT_CP_IOVA_PINNED_H
#define COMPAT_CP_IOVA_PINNED_H

#include "vfio_ccw_private.h"

static inline bool compat_cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
{
	struct vfio_ccw_private *private = container_of(cp, struct vfio_ccw_private, cp);
	bool pinned;

	mutex_lock(&private->io_mutex);
	pinned = cp_range_pinned(cp, iova, length);
	mutex_unlock(&private->io_mutex);
	return pinned;
}

#define cp_iova_pinned(_cp, _iova, _length) compat_cp_iova_pinned(_cp, _iova, _length)

#endif /* COMPAT_CP_IOVA_PINNED_H */
