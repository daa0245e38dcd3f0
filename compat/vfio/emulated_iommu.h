/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IOMMU group for a device without an IOMMU, on a tree whose vfio does not create one
 */
#ifndef COMPAT_EMULATED_IOMMU_H
#define COMPAT_EMULATED_IOMMU_H

#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>

/* Pairs with iommu_group_remove_device(). */
static inline int compat_emulated_iommu_add(struct device *dev)
{
	struct iommu_group *group = iommu_group_alloc();
	int ret;

	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = iommu_group_add_device(group, dev);
	/* the device holds a reference on the group */
	iommu_group_put(group);
	return ret;
}

#endif /* COMPAT_EMULATED_IOMMU_H */
