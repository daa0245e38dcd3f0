// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a total below what is taken wraps around
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_pools_test pools.a_total_that_changes
@@
expression a, b;
@@
 mdev_account_free(...)
 {
-return a > b ? a - b : 0;
+return a - b;
 }
