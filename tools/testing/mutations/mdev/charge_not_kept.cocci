// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a charge comes back while its driver keeps it
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_pools_test pools.a_driver_that_frees_late_keeps_its_charge
@@
expression e;
@@
 mdev_uncharge(...)
 {
 ...
-wait_for_completion_timeout(e, ...);
 }
