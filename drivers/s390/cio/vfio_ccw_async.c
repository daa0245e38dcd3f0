// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the region for HALT SUBCHANNEL and CLEAR SUBCHANNEL
 */
#include <linux/string.h>

#include "vfio_ccw_private.h"

static int vfio_ccw_async_read(struct vfio_ccw_private *private, void *data)
{
	mutex_lock(&private->io_mutex);
	memcpy(data, &private->cmd_region, sizeof(private->cmd_region));
	mutex_unlock(&private->io_mutex);
	return 0;
}

static int vfio_ccw_async_write(struct vfio_ccw_private *private, const void *data, size_t pos,
				size_t count)
{
	int ret;

	/* the user tries again */
	if (!mutex_trylock(&private->io_mutex))
		return -EAGAIN;
	memcpy((u8 *)&private->cmd_region + pos, data, count);
	ret = vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_ASYNC_REQ);
	private->cmd_region.ret_code = ret;
	mutex_unlock(&private->io_mutex);
	return ret;
}

/* Bits of &ccw_cmd_region.command are VFIO_CCW_ASYNC_CMD_*. */
const struct vfio_ccw_region vfio_ccw_async_region = {
	.subtype	= VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD,
	.size		= sizeof(struct ccw_cmd_region),
	.read		= vfio_ccw_async_read,
	.write		= vfio_ccw_async_write,
};
