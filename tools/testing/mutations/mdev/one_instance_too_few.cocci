// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the last unit of a resource is never charged
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_create_test type.test_one.exhaust
@@
expression free, cost;
@@
 mdev_charge(...)
 {
 <...
-if (mdev_account_free(free) < cost)
+if (mdev_account_free(free) <= cost)
 goto refuse;
 ...>
 }
