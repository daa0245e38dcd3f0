// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/iommu_group_id.cocci patch,context,org,report
struct iommu_group *iommu_group_alloc(void)
{
	struct iommu_group *group;
	int ret;

	ret = kobject_init_and_add(&group->kobj, &iommu_group_ktype, NULL, "%d", group->id);
	if (ret) {
		kobject_put(&group->kobj);
		return ERR_PTR(ret);
	}
	return group;
}
