// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the regions for the subchannel-information block and for channel reports
 */
#include <linux/build_bug.h>
#include <linux/string.h>

#include "cio.h"
#include "vfio_ccw_private.h"

/*
 * STORE SUBCHANNEL writes to the copy that css and the state machine read. The status in it tells
 * how to stop the subchannel.
 */
static int vfio_ccw_schib_read(struct vfio_ccw_private *private, void *data)
{
	struct subchannel *sch = private->sch;
	int ret;

	BUILD_BUG_ON(sizeof(sch->schib) < sizeof(struct ccw_schib_region));
	spin_lock_irq(&sch->lock);
	ret = cio_update_schib(sch);
	if (!ret)
		memcpy(data, &sch->schib, sizeof(struct ccw_schib_region));
	spin_unlock_irq(&sch->lock);
	return ret ? -ENODEV : 0;
}

const struct vfio_ccw_region vfio_ccw_schib_region = {
	.subtype	= VFIO_REGION_SUBTYPE_CCW_SCHIB,
	.size		= sizeof(struct ccw_schib_region),
	.read		= vfio_ccw_schib_read,
};

/* Each read takes one report from the queue; zero stands for none. */
static int vfio_ccw_crw_read(struct vfio_ccw_private *private, void *data)
{
	struct ccw_crw_region region = {};
	struct crw crw;

	BUILD_BUG_ON(sizeof(crw) != sizeof(region.crw));
	if (vfio_ccw_crw_dequeue(private, &crw)) {
		memcpy(&region.crw, &crw, sizeof(crw));
		/* the user reads one for each signal */
		vfio_ccw_crw_notify(private);
	}
	memcpy(data, &region, sizeof(region));
	return 0;
}

const struct vfio_ccw_region vfio_ccw_crw_region = {
	.subtype	= VFIO_REGION_SUBTYPE_CCW_CRW,
	.size		= sizeof(struct ccw_crw_region),
	.read		= vfio_ccw_crw_read,
};
