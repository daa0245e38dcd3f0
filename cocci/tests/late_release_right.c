// SPDX-License-Identifier: GPL-2.0-only
// spatch: late_release.cocci patch,context,org,report
// Without pools, a driver that frees in release is as good as another one.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_driver toy_driver;
extern struct mdev_type *toy_types[2];
int toy_init_dev(struct vfio_device *vdev);
void toy_release_dev(struct vfio_device *vdev);

static const struct vfio_device_ops toy_dev_ops = {
	.init = toy_init_dev,
	.release = toy_release_dev,
};

int toy_setup(struct mdev_parent *parent, struct device *dev)
{
	return mdev_register_parent(parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
