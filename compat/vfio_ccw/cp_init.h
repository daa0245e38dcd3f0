/* SPDX-License-Identifier: GPL-2.0-only */
/* For a tree whose cp_init() takes the device that vfio_ccw_cp.c pins pages for */
#ifndef COMPAT_CP_INIT_H
#define COMPAT_CP_INIT_H

#include "vfio_ccw_private.h"

static inline int compat_cp_init(struct channel_program *cp, union orb *orb)
{
	struct vfio_ccw_private *private = container_of(cp, struct vfio_ccw_private, cp);

	return cp_init(cp, private->vdev.dev, orb);
}

#define cp_init(_cp, _orb) compat_cp_init(_cp, _orb)

#endif /* COMPAT_CP_INIT_H */
