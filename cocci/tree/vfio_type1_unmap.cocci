// SPDX-License-Identifier: GPL-2.0-only
///
/// Refuse to pin pages that are being unmapped.
///
/// vfio_dma_do_unmap() drops vfio_iommu.lock to notify the drivers, which unpin their pages. A
/// driver that pins one of them again makes it notify once more, and after eleven rounds it calls
/// BUG(): a user who starts I/O on memory while another thread unmaps it can crash the kernel.
/// With this change the range is on a list of the container from before the first notification
/// until the unmap returns, and vfio_pin_pages() fails with -EBUSY for a page in it. Pages that
/// are pinned after eleven notifications now are a driver's fault: a warning, and -EBUSY.
///
//
// The range is on the stack of vfio_dma_do_unmap() and has one way out, so that neither an error
// nor another unmap of the same mapping leaves a mark in a vfio_dma, which may be freed or mapped
// anew each time the lock is dropped.
//
// Confidence: High
// Options: --no-includes
// Keywords: vfio_iommu_type1, vfio_pin_pages, unmap
// Requires: 1.1.1
// File: drivers/vfio/vfio_iommu_type1.c

# spatch --smpl-spacing

virtual patch
virtual context
virtual org
virtual report

@crash@
identifier F, iommu, retries;
position p;
@@
 F(struct vfio_iommu *iommu, ...)
 {
 <+...
	BUG_ON@p(++retries > 10);
 ...+>
 }

@member depends on patch && crash@
@@
 struct vfio_iommu {
	...
	struct rb_root		dma_list;
+	struct list_head	unmap_list;
	...
 };

@depends on member@
expression iommu;
@@
	iommu->dma_list = RB_ROOT;
+	INIT_LIST_HEAD(&iommu->unmap_list);

@helper depends on member@
typedef bool, dma_addr_t;
iterator name list_for_each_entry;
@@
+/*
+ * A range that vfio_dma_do_unmap() is working on. vfio_iommu.lock protects the list, which it is on
+ * until the unmap is over, also while the lock is dropped for a notification.
+ */
+struct vfio_unmap {
+	struct list_head next;
+	dma_addr_t first;
+	dma_addr_t last;
+};
+
+static bool vfio_is_unmapping(struct vfio_iommu *iommu, dma_addr_t iova)
+{
+	struct vfio_unmap *range;
+
+	list_for_each_entry(range, &iommu->unmap_list, next)
+		if (range->first <= iova && iova <= range->last)
+			return true;
+	return false;
+}
+
 static int vfio_iommu_type1_pin_pages(...)
 { ... }

@depends on helper@
expression iova;
identifier iommu, dma, ret;
symbol pin_unwind;
@@
 vfio_iommu_type1_pin_pages(...)
 {
 <...
	dma = vfio_find_dma(iommu, iova, PAGE_SIZE);
	if (!dma) {
		ret = -EINVAL;
		goto pin_unwind;
	}
+
+	/* the drivers are asked to unpin it: none may pin it again */
+	if (vfio_is_unmapping(iommu, iova)) {
+		ret = -EBUSY;
+		goto pin_unwind;
+	}
 ...>
 }

// ---- the range, in the variables of each tree

@with_end depends on helper exists@
identifier crash.F, iova, iova_end, unmap;
@@
 F(..., struct vfio_iommu_type1_dma_unmap *unmap, ...)
 {
 ... when any
 dma_addr_t iova = unmap->iova;
 ... when any
 dma_addr_t iova_end;
 ... when any
 }

@with_size depends on helper && !with_end exists@
identifier crash.F, iova, size, unmap;
@@
 F(..., struct vfio_iommu_type1_dma_unmap *unmap, ...)
 {
 ... when any
 dma_addr_t iova = unmap->iova;
 ... when any
 u64 size = unmap->size;
 ... when any
 }

@depends on with_end@
identifier crash.F, crash.iommu, with_end.iova, with_end.iova_end;
symbol again;
@@
 F(struct vfio_iommu *iommu, ...)
 {
 ... when any
	WARN_ON(...);
+
+	range.first = iova;
+	range.last = iova_end;
+	list_add(&range.next, &iommu->unmap_list);
 again:
 ... when any
 }

@depends on with_size@
identifier crash.F, crash.iommu, with_size.iova, with_size.size;
symbol again;
@@
 F(struct vfio_iommu *iommu, ...)
 {
 ... when any
	WARN_ON(...);
+
+	range.first = iova;
+	range.last = iova + size - 1;
+	list_add(&range.next, &iommu->unmap_list);
 again:
 ... when any
 }

@depends on helper && !with_end && !with_size@
identifier crash.F, crash.iommu, unmap;
symbol again;
@@
 F(struct vfio_iommu *iommu, struct vfio_iommu_type1_dma_unmap *unmap, ...)
 {
 ... when any
	WARN_ON(...);
+
+	range.first = unmap->iova;
+	range.last = unmap->iova + unmap->size - 1;
+	list_add(&range.next, &iommu->unmap_list);
 again:
 ... when any
 }

@depends on helper@
identifier crash.F, crash.iommu;
@@
 F(struct vfio_iommu *iommu, ...)
 {
+	struct vfio_unmap range;
 ...
+	INIT_LIST_HEAD(&range.next);
	mutex_lock(&iommu->lock);
 ... when any
 }

@depends on helper@
identifier crash.F, crash.iommu, crash.retries;
symbol ret, unlock;
@@
 F(struct vfio_iommu *iommu, ...)
 {
 <...
(
-	BUG_ON(++retries > 10);
+	if (WARN_ON_ONCE(++retries > 10)) {
+		ret = -EBUSY;
+		break;
+	}
|
 unlock:
+	list_del(&range.next);
	mutex_unlock(&iommu->lock);
)
 ...>
 }

@depends on context && crash@
identifier crash.retries;
@@
*	BUG_ON(++retries > 10);

@script:python depends on report@
p << crash.p;
@@
coccilib.report.print_report(p[0],
    "a user who pins pages again while they are unmapped gets here: refuse to pin them")

@script:python depends on org@
p << crash.p;
@@
coccilib.org.print_todo(p[0],
    "a user who pins pages again while they are unmapped gets here: refuse to pin them")
