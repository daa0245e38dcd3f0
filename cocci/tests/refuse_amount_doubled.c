// SPDX-License-Identifier: GPL-2.0-only
// An instance takes twice what its type says.
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

static unsigned int total_slots = 32;
module_param(total_slots, uint, 0444);
static atomic_t toy_slots;

int toy_start(struct mdev_device *mdev, const struct toy_type *type);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);
	int ret;

	if (atomic_sub_return(2 * type->slots, &toy_slots) < 0) {
		atomic_add(2 * type->slots, &toy_slots);
		return -ENOSPC;
	}
	ret = toy_start(mdev, type);
	if (ret) {
		atomic_add(2 * type->slots, &toy_slots);
		return ret;
	}
	return 0;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	toy_stop(mdev);
	atomic_add(2 * type->slots, &toy_slots);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_type *type = container_of(mtype, struct toy_type, type);

	return atomic_read(&toy_slots) / type->slots;
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
	atomic_set(&toy_slots, total_slots);
	return mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
