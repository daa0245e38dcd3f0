/* SPDX-License-Identifier: GPL-2.0-only */
/* For a tree whose cp_get_orb() takes the interruption parameter and the usable paths */
#ifndef COMPAT_CP_GET_ORB_H
#define COMPAT_CP_GET_ORB_H

#include <linux/io.h>

#include "vfio_ccw_private.h"

static inline union orb *compat_cp_get_orb(struct channel_program *cp, struct subchannel *sch)
{
	return cp_get_orb(cp, (u32)virt_to_phys(sch), sch->lpm);
}

#define cp_get_orb(_cp, _sch) compat_cp_get_orb(_cp, _sch)

#endif /* COMPAT_CP_GET_ORB_H */
