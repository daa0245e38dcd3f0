// SPDX-License-Identifier: GPL-2.0-only
/// A group that could not be made gives back the iommu group it has taken.
///
/// The release of a group warns if it still has one, because it is given back when the last device
/// leaves. On the error path of making the group no device ever came: it warns, and the iommu
/// group is leaked. Seen when memory runs out while an mdev is created.
//
// Confidence: High
// File: drivers/vfio/group.c

virtual patch

@done@
identifier group;
@@
 vfio_create_group(...)
 {
 <+...
	group->iommu_group = NULL;
 ...+>
 }

@depends on !done@
identifier group;
@@
 vfio_create_group(...)
 {
 <...
+	iommu_group_put(group->iommu_group);
+	group->iommu_group = NULL;
	put_device(&group->dev);
 ...>
 }
