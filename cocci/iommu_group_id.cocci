// SPDX-License-Identifier: GPL-2.0-only
/// A group that could not be made gives its number back once.
///
/// Its release callback does so. Where the error path does it too, the number is given back twice:
/// a warning, or by then the number of somebody else's group. Seen when memory runs out while an
/// mdev is created.
//
// Confidence: High
// File: drivers/iommu/iommu.c

virtual patch

@@
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
