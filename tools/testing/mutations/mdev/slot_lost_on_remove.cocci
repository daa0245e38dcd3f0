// SPDX-License-Identifier: GPL-2.0-only
// Mutation: remove does not uncharge the instance
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_create_test driver.test.stop_start
@@
identifier inst;
@@
 mdev_device_remove(...)
 {
 ...
-mdev_uncharge(&inst->charge);
 ...
 }
