// SPDX-License-Identifier: GPL-2.0-only
///
/// Take device_list_lock before vfio_iommu.lock everywhere.
///
/// Drivers unpin under device_list_lock, and unpinning takes vfio_iommu.lock; a device that joins
/// or leaves the container takes the two in the other order. An unmap of pinned pages and the open
/// of another device in the same container deadlock. lockdep reports the cycle as soon as vfio-ccw
/// has to unpin.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: device_list_lock, vfio_iommu_type1
// Requires: 1.1.1
// File: drivers/vfio/vfio_iommu_type1.c

virtual patch
virtual context
virtual org
virtual report

@told@
identifier device, dma, F, iommu;
iterator name list_for_each_entry;
@@
 F(struct vfio_iommu *iommu, struct vfio_dma *dma)
 {
 <+...
	mutex_lock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
	list_for_each_entry(device, &iommu->device_list, iommu_entry)
		device->ops->dma_unmap(device, dma->iova, dma->size);
 ...+>
 }

@depends on patch && told@
identifier device, told.dma, told.F, iommu;
iterator name list_for_each_entry;
@@
 F(struct vfio_iommu *iommu, struct vfio_dma *dma)
 {
	struct vfio_device *device;
+	/* dma may be freed after iommu->lock is dropped */
+	dma_addr_t iova = dma->iova;
+	size_t size = dma->size;
 <...
-	mutex_lock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
+	mutex_lock(&iommu->device_list_lock);
	list_for_each_entry(device, &iommu->device_list, iommu_entry)
-		device->ops->dma_unmap(device, dma->iova, dma->size);
+		device->ops->dma_unmap(device, iova, size);
 ...>
 }

@depends on patch && told@
expression iommu, E;
@@
-	mutex_lock(&iommu->lock);
	mutex_lock(&iommu->device_list_lock);
+	mutex_lock(&iommu->lock);
(
	list_add(E, &iommu->device_list);
|
	list_del(E);
)
-	mutex_unlock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
+	mutex_unlock(&iommu->device_list_lock);

@reversed depends on (org || report) && told@
expression iommu;
position p;
@@
	mutex_lock(&iommu->lock);
	mutex_lock@p(&iommu->device_list_lock);

@depends on context && told@
expression iommu;
@@
	mutex_lock(&iommu->lock);
*	mutex_lock(&iommu->device_list_lock);

@script:python depends on report@
p << reversed.p;
@@
coccilib.report.print_report(p[0],
    "device_list_lock is taken inside vfio_iommu.lock, but unpinning nests them the other way")

@script:python depends on org@
p << reversed.p;
@@
coccilib.org.print_todo(p[0],
    "device_list_lock is taken inside vfio_iommu.lock, but unpinning nests them the other way")
