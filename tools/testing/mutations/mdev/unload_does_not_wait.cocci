// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the module is unloaded before its release functions have run
// File: drivers/vfio/mdev/mdev_driver.c
// Caught-by: mdev_window_test window.late_release
@@
@@
 mdev_wait_for_releases(...)
 {
 ...
-wait_for_completion(&mdev_releases_done);
 }
