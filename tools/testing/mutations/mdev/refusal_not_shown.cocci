// SPDX-License-Identifier: GPL-2.0-only
// Mutation: available_instances does not follow a refusal of the driver
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_pools_test pools.the_driver_refuses
@@
@@
 mdev_refuse(...)
 {
 <...
-__set_bit(...);
+{ }
 ...>
 }
