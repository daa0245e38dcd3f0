// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/error_path.cocci report,context
#include <linux/vfio.h>

static int toy_probe(struct mdev_device *mdev)
{
	struct toy *toy;
	int ret;

	toy = vfio_alloc_device(toy, vdev, &mdev->dev, &toy_ops);
	if (IS_ERR(toy))
		return PTR_ERR(toy);

	ret = vfio_register_emulated_iommu_dev(&toy->vdev);
	if (ret)
		goto put;

	ret = sysfs_create_group(&mdev->dev.kobj, &toy_group);
	if (ret)
		goto gone;
	return 0;

gone:
	vfio_unregister_group_dev(&toy->vdev);
put:
	vfio_put_device(&toy->vdev);
	return ret;
}
