// SPDX-License-Identifier: GPL-2.0-only
// Mutation: unregistering removes a link that another parent has in /sys/class/mdev_bus
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_register_test name.of_two_parents
@@
@@
 mdev_parent_unlink(...)
 {
 ...
-if (set->linked)
 	class_compat_remove_link(mdev_bus_class, set->owner->dev);
 ...
 }
