// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a driver can bind an mdev that is being created
// File: drivers/vfio/mdev/mdev_driver.c
// Caught-by: mdev_window_test bind.not_during_create
@@
@@
 mdev_bus_match(...)
 {
 ...
-return READ_ONCE(inst->mdev.active) && drv == inst->driver;
+return drv == inst->driver;
 }
