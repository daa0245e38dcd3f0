// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_exports.cocci patch,context,org,report
int vfio_register_group_dev(struct vfio_device *device);
int vfio_register_emulated_iommu_dev(struct vfio_device *device);
void vfio_unregister_group_dev(struct vfio_device *device);
