// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/iommu_group_id.cocci patch,context,org,report
struct iommu_group *iommu_group_alloc(void)
{
	struct iommu_group *group;
	int ret;

	ret = ida_simple_get(&iommu_group_ida, 0, 0, GFP_KERNEL);
	if (ret < 0) {
		kfree(group);
		return ERR_PTR(ret);
	}
	group->id = ret;
	ret = kobject_init_and_add(&group->kobj, &iommu_group_ktype, NULL, "%d", group->id);
	if (ret) {
		ida_simple_remove(&iommu_group_ida, group->id);
		kobject_put(&group->kobj);
		return ERR_PTR(ret);
	}
	return group;
}
