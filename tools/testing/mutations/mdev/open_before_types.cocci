// SPDX-License-Identifier: GPL-2.0-only
// Mutation: mdevs can be created before all types are added
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_register_test early.create_is_refused
@@
@@
 mdev_parent_add(...)
 {
 ...
+mdev_parent_open(set);
 ret = mdev_types_add(parent);
 ...
 }
