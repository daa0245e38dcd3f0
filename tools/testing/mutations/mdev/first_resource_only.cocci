// SPDX-License-Identifier: GPL-2.0-only
// Mutation: create checks only the first resource of a budget
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_budget_test budget.several_resources
@@
identifier i, books, cost;
@@
 mdev_books_take(...)
 {
 <...
 for (i = 0; 
-i < books->nr_pools
+i < 1
 ; i++)
 	if (books->pools[i].free < cost[i])
 		goto refuse;
 ...>
 }
