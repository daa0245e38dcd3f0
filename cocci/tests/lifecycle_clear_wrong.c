// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/clear.cocci report
#include <linux/vfio.h>


static void toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = dev_get_drvdata(&mdev->dev);

	dev_set_drvdata(mdev_parent_dev(mdev), NULL);
	vfio_unregister_group_dev(&toy->vdev);
	kfree_rcu(toy, rcu);
}
