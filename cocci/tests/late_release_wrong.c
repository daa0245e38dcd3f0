// SPDX-License-Identifier: GPL-2.0-only
// spatch: late_release.cocci patch,context,org,report
// The pages of an instance are freed in release, after the driver's remove.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	struct vfio_device vdev;
	void *pages;
};

extern const struct mdev_pool toy_pools[1];
extern struct mdev_driver toy_driver;
extern struct mdev_type *toy_types[2];

static int toy_init_dev(struct vfio_device *vdev)
{
	struct toy *toy = container_of(vdev, struct toy, vdev);

	toy->pages = kzalloc(4096, GFP_KERNEL);
	if (!toy->pages)
		return -ENOMEM;
	return 0;
}

static void toy_release_dev(struct vfio_device *vdev)
{
	struct toy *toy = container_of(vdev, struct toy, vdev);

	kfree(toy->pages);
}

static const struct vfio_device_ops toy_dev_ops = {
	.init = toy_init_dev,
	.release = toy_release_dev,
};

int toy_setup(struct mdev_parent *parent, struct device *dev)
{
	return mdev_register_parent_pools(parent, dev, &toy_driver, toy_types,
					  ARRAY_SIZE(toy_types), toy_pools, ARRAY_SIZE(toy_pools));
}
