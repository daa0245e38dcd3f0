// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the state of an mdev is read and written without a lock
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_teardown_test end.concurrent_removes
// Kernel: 7.3 x86 kcsan
@@
@@
 mdev_set_state(...)
 {
 ...
-spin_lock(&set->lock);
 ...
-spin_unlock(&set->lock);
 ...
 }
