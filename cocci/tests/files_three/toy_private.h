// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mdev.h>

/**
 * struct toy_dev - a device that has toys
 * @dev: the device
 * @left: how many toys are left
 * @lock: protects the toys
 */
struct toy_dev {
	struct device *dev;
	atomic_t left;
	struct mutex lock;
};

int toy_mdev_register(struct toy_dev *td);
