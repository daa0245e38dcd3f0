// SPDX-License-Identifier: GPL-2.0-only
// 6.1: get_available shows whether there is any instance left.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static atomic_t toy_left = ATOMIC_INIT(4);

int toy_start(struct mdev_device *mdev);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	int ret;

	if (atomic_dec_if_positive(&toy_left) < 0)
		return -EUSERS;
	ret = toy_start(mdev);
	if (ret)
		atomic_inc(&toy_left);
	return ret;
}

static void toy_remove(struct mdev_device *mdev)
{
	toy_stop(mdev);
	atomic_inc(&toy_left);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	return atomic_read(&toy_left) ? 1 : 0;
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
