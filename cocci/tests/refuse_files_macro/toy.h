// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mdev.h>

extern struct attribute_group *toy_groups[];
int toy_create(struct kobject *kobj, struct mdev_device *mdev);
int toy_remove(struct mdev_device *mdev);
