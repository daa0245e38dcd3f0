// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_container_ioctl.cocci patch,context,org,report
static long vfio_fops_unl_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vfio_container *container = file->private_data;
	struct vfio_iommu_driver *driver;
	void *data;
	long ret = -EINVAL;

	switch (cmd) {
	case VFIO_SET_IOMMU:
		ret = toy_set_iommu(container, arg);
		break;
	default:
		driver = container->iommu_driver;
		data = container->iommu_data;
		if (driver)
			ret = driver->ops->ioctl(data, cmd, arg);
	}
	return ret;
}

long toy_ioctl(struct toy_container *container, unsigned int cmd, unsigned long arg)
{
	struct vfio_iommu_driver *driver = container->iommu_driver;

	return driver->ops->ioctl(container->iommu_data, cmd, arg);
}
