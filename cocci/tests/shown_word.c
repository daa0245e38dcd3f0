// SPDX-License-Identifier: GPL-2.0-only
// LIMIT=shown
// The constant has a name.
#include <linux/mdev.h>
#include <linux/vfio.h>

#define TOY_MAX 24

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

int toy_start(struct mdev_device *mdev);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	return toy_start(mdev);
}

static void toy_remove(struct mdev_device *mdev)
{
	toy_stop(mdev);
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{ return TOY_MAX; }

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
