// SPDX-License-Identifier: GPL-2.0-only
// 6.1: get_available counts free entries in a local variable.
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_type *toy_types[2];

struct toy_dev {
	struct mdev_parent parent;
};

static struct mdev_device *toy_owner[4];

int toy_start(struct mdev_device *mdev);
void toy_stop(struct mdev_device *mdev);

static int toy_probe(struct mdev_device *mdev)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (toy_owner[i])
			continue;
		toy_owner[i] = mdev;
		return toy_start(mdev);
	}
	return -EUSERS;
}

static void toy_remove(struct mdev_device *mdev)
{
	int i;

	toy_stop(mdev);
	for (i = 0; i < 4; i++)
		if (toy_owner[i] == mdev)
			toy_owner[i] = NULL;
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	unsigned int i, unused = 0;

	for (i = 0; i < 4; i++)
		if (!toy_owner[i])
			unused++;
	return unused;
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
