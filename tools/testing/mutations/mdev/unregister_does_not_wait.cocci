// SPDX-License-Identifier: GPL-2.0-only
// Mutation: unregistering does not wait for mdevs that are being created or removed
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_window_test window.remove_and_a_parent_that_is_freed
@@
@@
 mdev_parent_close(...)
 {
 ...
-wait_for_completion(&set->unused);
 }
