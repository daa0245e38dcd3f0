// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the memory of an mdev is freed while its device may still be held
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_hold_test held.stop_start
@@
identifier inst, mdev;
@@
 mdev_device_remove(struct mdev_instance *inst)
 {
 ...
 put_device(&mdev->dev);
+kfree(inst);
 }
