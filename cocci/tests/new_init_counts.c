// SPDX-License-Identifier: GPL-2.0-only
// 6.1: the callbacks of the vfio device count, and not probe and remove.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static DEFINE_MUTEX(toy_lock);
static unsigned int toy_used;

int toy_probe(struct mdev_device *mdev);
void toy_remove(struct mdev_device *mdev);

static int toy_init_dev(struct vfio_device *vdev)
{
	mutex_lock(&toy_lock);
	if (toy_used >= 8) {
		mutex_unlock(&toy_lock);
		return -EUSERS;
	}
	toy_used++;
	mutex_unlock(&toy_lock);
	return 0;
}

static void toy_release_dev(struct vfio_device *vdev)
{
	mutex_lock(&toy_lock);
	toy_used--;
	mutex_unlock(&toy_lock);
}

const struct vfio_device_ops toy_dev_ops = {
	.init = toy_init_dev,
	.release = toy_release_dev,
};

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return 8 - toy_used;
}

static struct mdev_driver toy_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "toy",
	},
	.probe = toy_probe,
	.remove = toy_remove,
	.get_available = toy_get_available,
};

int toy_setup(struct toy_dev *td, struct device *dev)
{
	return mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
