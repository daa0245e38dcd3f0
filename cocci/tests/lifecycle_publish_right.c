// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/publish.cocci report
#include <linux/vfio.h>


static int toy_probe(struct mdev_device *mdev)
{
	struct toy *toy = toy_alloc(mdev);
	int ret;

	dev_set_drvdata(mdev_parent_dev(mdev), toy);
	ret = vfio_register_emulated_iommu_dev(&toy->vdev);
	if (ret) {
		toy_free(toy);
		return ret;
	}
	return 0;
}
