/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css as it was when the remove callback of its drivers returned an int that nobody looked at
 *
 * For vfio_ccw_drv.c alone. Where that file defines its callbacks, a parenthesis follows the name
 * and the macros give the definitions other ones; css gets the functions that are here.
 *
 * That css also held back the first uevent of a subchannel until its driver knew that there was a
 * device, and left it to the driver to send it.
 */
#ifndef COMPAT_CSS_DRIVER_H
#define COMPAT_CSS_DRIVER_H

#include <linux/device.h>
#include <linux/kobject.h>

#include "css.h"

static int vfio_ccw_sch_probe_quietly(struct subchannel *sch);
static void vfio_ccw_sch_remove_void(struct subchannel *sch);

static int vfio_ccw_sch_probe(struct subchannel *sch)
{
	int ret = vfio_ccw_sch_probe_quietly(sch);

	if (!ret && dev_get_uevent_suppress(&sch->dev)) {
		dev_set_uevent_suppress(&sch->dev, 0);
		kobject_uevent(&sch->dev.kobj, KOBJ_ADD);
	}
	return ret;
}

static int vfio_ccw_sch_remove(struct subchannel *sch)
{
	vfio_ccw_sch_remove_void(sch);
	return 0;
}

#define vfio_ccw_sch_probe(_sch) vfio_ccw_sch_probe_quietly(_sch)
#define vfio_ccw_sch_remove(_sch) vfio_ccw_sch_remove_void(_sch)

#endif /* COMPAT_CSS_DRIVER_H */
