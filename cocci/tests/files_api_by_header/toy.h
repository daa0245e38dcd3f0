/* SPDX-License-Identifier: GPL-2.0-only */
/* The other files get the mdev API through this header. */
#include <linux/mdev.h>
#include <linux/vfio.h>

extern struct mdev_driver toy_driver;
extern struct mdev_parent toy_parent;
extern struct mdev_type *toy_types[2];
int toy_start(struct mdev_device *mdev);
void toy_stop(struct mdev_device *mdev);
