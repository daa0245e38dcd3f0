// SPDX-License-Identifier: GPL-2.0-only
///
/// Free the id of an iommu group once when its kobject can't be added.
///
/// iommu_group_release() frees the id. The error path of iommu_group_alloc() frees it too, which
/// warns, or frees the id of another group. Seen with failing allocations while an mdev is created.
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
coccilib.report.print_report(p[0], "iommu_group_release() frees this id again: drop this call")

@script:python depends on org@
p << twice.p;
@@
coccilib.org.print_todo(p[0], "iommu_group_release() frees this id again: drop this call")
