// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_group_error.cocci patch,context,org,report
static struct vfio_group *vfio_create_group(struct iommu_group *iommu_group)
{
	struct vfio_group *group = toy_alloc_group(iommu_group);
	int ret;

	if (IS_ERR(group))
		return group;
	ret = cdev_device_add(&group->cdev, &group->dev);
	if (ret) {
		put_device(&group->dev);
		return ERR_PTR(ret);
	}
	return group;
}

void toy_drop(struct vfio_group *group)
{
	put_device(&group->dev);
}
