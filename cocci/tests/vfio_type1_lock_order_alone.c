// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_type1_lock_order.cocci patch,context,org,report
// No driver is notified under the lock, so the order is harmless.
static void toy_tell(struct vfio_iommu *iommu, struct vfio_dma *dma)
{
	dma->size = 0;
}

static void toy_join(struct vfio_iommu *iommu, struct vfio_device *device)
{
	mutex_lock(&iommu->lock);
	mutex_lock(&iommu->device_list_lock);
	list_add(&device->iommu_entry, &iommu->device_list);
	mutex_unlock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
}

static void toy_leave(struct vfio_iommu *iommu, struct vfio_device *device)
{
	mutex_lock(&iommu->lock);
	mutex_lock(&iommu->device_list_lock);
	list_del(&device->iommu_entry);
	mutex_unlock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
}
