// SPDX-License-Identifier: GPL-2.0-only
// 6.1: a plain number under a mutex of its own.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

struct toy_type {
	struct mdev_type type;
	unsigned int slots;
};

static DEFINE_MUTEX(toy_lock);
static unsigned int toy_slots = 64;

int toy_start(struct mdev_device *mdev, const struct toy_type *type);
void toy_stop(struct mdev_device *mdev, const struct toy_type *type);

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	mutex_lock(&toy_lock);
	if (toy_slots < type->slots) {
		mutex_unlock(&toy_lock);
		return -ENOSPC;
	}
	toy_slots -= type->slots;
	mutex_unlock(&toy_lock);
	return toy_start(mdev, type);
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	toy_stop(mdev, type);
	mutex_lock(&toy_lock);
	toy_slots += type->slots;
	mutex_unlock(&toy_lock);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_type *type = container_of(mtype, struct toy_type, type);

	return toy_slots / type->slots;
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
