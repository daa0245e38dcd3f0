/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose struct css_driver has a remove callback that returns an int, which css ignores
 *
 * Only for vfio_ccw_drv.c. The macros rename the definitions of the callbacks there, because a
 * parenthesis follows their names; css gets the wrappers below.
 *
 * Such a css also suppresses the first uevent of a subchannel and leaves it to the driver to send
 * the event after a successful probe.
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
