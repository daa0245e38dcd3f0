// SPDX-License-Identifier: GPL-2.0-only
///
/// A group that could not be made gives its number back once.
///
/// Its release callback does so. Where the error path does it too, the number is given back twice:
/// a warning, or by then the number of somebody else's group. Seen when memory runs out while an
/// mdev is created.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: iommu_group_alloc, iommu_group_ida
// Requires: 1.1.1
// File: drivers/iommu/iommu.c

virtual patch
virtual context
virtual org
virtual report

@depends on patch@
expression R, G;
@@
 iommu_group_alloc(...)
 {
 ... when any
 R = kobject_init_and_add(...);
 if (R) {
-	ida_simple_remove(&iommu_group_ida, G->id);
	kobject_put(&G->kobj);
	...
 }
 ... when any
 }

@twice depends on org || report@
expression R, G;
position p;
@@
 iommu_group_alloc(...)
 {
 ... when any
 R = kobject_init_and_add(...);
 if (R) {
	ida_simple_remove@p(&iommu_group_ida, G->id);
	kobject_put(&G->kobj);
	...
 }
 ... when any
 }

@depends on context@
expression R, G;
@@
 iommu_group_alloc(...)
 {
 ... when any
 R = kobject_init_and_add(...);
 if (R) {
*	ida_simple_remove(&iommu_group_ida, G->id);
	kobject_put(&G->kobj);
	...
 }
 ... when any
 }

@script:python depends on report@
p << twice.p;
@@
coccilib.report.print_report(p[0], "the release callback gives the number back, too")

@script:python depends on org@
p << twice.p;
@@
coccilib.org.print_todo(p[0], "the release callback gives the number back, too")
