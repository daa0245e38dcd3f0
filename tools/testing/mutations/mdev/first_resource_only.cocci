// SPDX-License-Identifier: GPL-2.0-only
// Mutation: create checks only the first resource of a budget
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_budget_test budget.several_resources
@@
identifier i, pools, cost;
@@
 mdev_charge(...)
 {
 <...
 for (i = 0; 
-i < pools->nr
+i < 1
 ; i++)
 	if (mdev_account_free(&pools->account[i]) < cost[i])
 		goto refuse;
 ...>
 }
