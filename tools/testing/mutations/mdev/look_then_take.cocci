// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the lock is dropped between the check of a budget and its charge
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_race_test slots.test.last_slot
@@
identifier i, books, cost;
@@
 mdev_books_take(...)
 {
 <...
 for (i = 0; i < books->nr_pools; i++)
 	if (books->pools[i].free < cost[i])
 		goto refuse;
+spin_unlock(&books->lock);
+yield();
+spin_lock(&books->lock);
 ...>
 }
