// SPDX-License-Identifier: GPL-2.0-only
// Mutation: remove does not unhash the UUID
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_create_test driver.test.stop_start
@@
@@
 mdev_device_remove(...)
 {
 ...
-mdev_table_del(inst);
 ...
 }
