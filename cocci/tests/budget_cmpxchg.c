// SPDX-License-Identifier: GPL-2.0-only
// also: budget.cocci context,org,report
// 6.1: slots claimed in a loop.
#include <linux/mdev.h>
#include <linux/vfio.h>

#define TOY_SLOTS 16
extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

struct toy_type {
	struct mdev_type type;
	unsigned int slots;
};

static atomic_t toy_slots = ATOMIC_INIT(TOY_SLOTS);

int toy_start(struct mdev_device *mdev, const struct toy_type *type);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);
	int left = atomic_read(&toy_slots);
	int ret;

	do {
		if (left < type->slots)
			return -ENOSPC;
	} while (!atomic_try_cmpxchg(&toy_slots, &left, left - type->slots));

	ret = toy_start(mdev, type);
	if (ret)
		goto err_slots;
	return 0;

err_slots:
	atomic_add(type->slots, &toy_slots);
	return ret;
}

static void toy_remove(struct mdev_device *mdev)
{
	struct toy_type *type = container_of(mdev->type, struct toy_type, type);

	toy_stop(mdev);
	atomic_add(type->slots, &toy_slots);
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
	return mdev_register_parent(&td->parent, dev, &toy_driver, toy_types, ARRAY_SIZE(toy_types));
}
