// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a create that fails in probe is not uncharged
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_limit_test errors.probe_failure_gives_the_slot_back
@@
identifier inst;
@@
 mdev_device_create(...)
 {
 <...
-mdev_uncharge(&inst->charge);
 ...>
 }
