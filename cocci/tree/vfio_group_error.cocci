// SPDX-License-Identifier: GPL-2.0-only
///
/// A group that could not be made gives back the iommu group it has taken.
///
/// The release of a group warns if it still has one, because it is given back when the last device
/// leaves. On the error path of making the group no device ever came: it warns, and the iommu
/// group is leaked. Seen when memory runs out while an mdev is created.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: vfio_create_group, iommu_group_put
// Requires: 1.1.1
// File: drivers/vfio/group.c

virtual patch
virtual context
virtual org
virtual report

@done exists@
identifier group;
@@
 vfio_create_group(...)
 {
	... when any
	group->iommu_group = NULL;
	... when any
 }

@depends on patch && !done@
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

@kept depends on (org || report) && !done@
identifier group;
position p;
@@
 vfio_create_group(...)
 {
 <+...
	put_device@p(&group->dev);
 ...+>
 }

@depends on context && !done@
identifier group;
@@
 vfio_create_group(...)
 {
 <...
*	put_device(&group->dev);
 ...>
 }

@script:python depends on report@
p << kept.p;
@@
coccilib.report.print_report(p[0], "the iommu group of a group that could not be made is not given back")

@script:python depends on org@
p << kept.p;
@@
coccilib.org.print_todo(p[0], "the iommu group of a group that could not be made is not given back")
