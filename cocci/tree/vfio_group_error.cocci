// SPDX-License-Identifier: GPL-2.0-only
///
/// Put the iommu group on the error path of vfio_create_group().
///
/// vfio_group_release() warns about a group that still holds its iommu group, which the last device
/// puts when it leaves. On the error path there was no device, so the release warns and the iommu
/// group leaks. Seen with failing allocations while an mdev is created.
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
coccilib.report.print_report(p[0], "this error path leaks the iommu group: put it first")

@script:python depends on org@
p << kept.p;
@@
coccilib.org.print_todo(p[0], "this error path leaks the iommu group: put it first")
