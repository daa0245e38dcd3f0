// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the message "created" is printed of an mdev that may be removed by then
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_window_test window.create_prints_an_mdev_that_is_removed
@@
@@
 mdev_device_create(...)
 {
 ...
-dev_dbg(&mdev->dev, "mdev: created\n");
 mdev_set_state(inst, MDEV_LIVE);
 mdev_put_registration(set);
+dev_dbg(&mdev->dev, "mdev: created\n");
 ...
 }
