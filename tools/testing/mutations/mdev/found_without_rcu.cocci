// SPDX-License-Identifier: GPL-2.0-only
// Mutation: an mdev is freed while it may be found
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_find_test find.against_create_and_remove
@@
@@
 mdev_device_remove(...)
 {
 ...
-mdev_table_del(inst);
 ...
 put_device(&mdev->dev);
+mdev_table_del(inst);
 }
