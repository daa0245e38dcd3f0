// SPDX-License-Identifier: GPL-2.0-only
///
/// Telling drivers of an unmapped range must not hold a lock that a joining device waits for.
///
/// While drivers unpin, which takes iommu->lock, device_list_lock is held; a device that joins or
/// leaves the container took them the other way round. Two devices in one container, one of them
/// unmapping while it has pages pinned, and the other being opened, wait for each other for ever.
/// lockdep says so as soon as vfio-ccw is asked to unpin. device_list_lock comes first everywhere.
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
+	/* without iommu->lock somebody else may free it */
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
coccilib.report.print_report(p[0], "device_list_lock is taken inside the lock of the container, which unpinning takes inside it")

@script:python depends on org@
p << reversed.p;
@@
coccilib.org.print_todo(p[0], "device_list_lock is taken inside the lock of the container, which unpinning takes inside it")
