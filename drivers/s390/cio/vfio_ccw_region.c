// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the list of regions beyond the first
 *
 * The interface, which vfio_ccw_async.c and vfio_ccw_chp.c use, is that of
 * drivers/s390/cio/vfio_ccw_ops.c in Linux 7.3:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 */
#include "vfio_ccw_private.h"

/**
 * vfio_ccw_register_dev_region() - add a region beyond the first
 * @private: the mediated subchannel
 * @subtype: VFIO_REGION_SUBTYPE_CCW_*
 * @ops: the callbacks of the region
 * @size: size of the contents
 * @flags: VFIO_REGION_INFO_FLAG_*
 * @data: the contents
 *
 * Context: from the init callback of the vfio device, before any other access to @private: readers
 * of the list take no lock.
 * Return: 0, or -ENOSPC for more than VFIO_CCW_MAX_DEV_REGIONS.
 */
int vfio_ccw_register_dev_region(struct vfio_ccw_private *private, unsigned int subtype,
				 const struct vfio_ccw_regops *ops, size_t size, u32 flags,
				 void *data)
{
	if (private->num_regions >= ARRAY_SIZE(private->region))
		return -ENOSPC;

	private->region[private->num_regions++] = (struct vfio_ccw_region) {
		.type = VFIO_REGION_TYPE_CCW,
		.subtype = subtype,
		.ops = ops,
		.data = data,
		.size = size,
		.flags = flags,
	};
	return 0;
}

/**
 * vfio_ccw_unregister_dev_regions() - release all regions beyond the first
 * @private: the mediated subchannel, after its last reference was dropped
 */
void vfio_ccw_unregister_dev_regions(struct vfio_ccw_private *private)
{
	while (private->num_regions) {
		struct vfio_ccw_region *region = &private->region[--private->num_regions];

		region->ops->release(private, region);
	}
}
