// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_type1_lock_order.cocci patch,context,org,report
static void toy_tell(struct vfio_iommu *iommu, struct vfio_dma *dma)
{
	struct vfio_device *device;

	mutex_lock(&iommu->device_list_lock);
	mutex_unlock(&iommu->lock);
	list_for_each_entry(device, &iommu->device_list, iommu_entry)
		device->ops->dma_unmap(device, dma->iova, dma->size);
	mutex_unlock(&iommu->device_list_lock);
	mutex_lock(&iommu->lock);
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
