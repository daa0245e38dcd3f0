// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the lock is dropped between the check of a budget and its charge
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_race_test slots.test.last_slot
@@
identifier i, pools, cost;
@@
 mdev_charge(...)
 {
 <...
 for (i = 0; i < pools->nr; i++)
 	if (mdev_account_free(&pools->account[i]) < cost[i])
 		goto refuse;
+spin_unlock(&set->lock);
+yield();
+spin_lock(&set->lock);
 ...>
 }
