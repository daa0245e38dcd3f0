// SPDX-License-Identifier: GPL-2.0-only
// Mutation: only the first pool gets back what an instance took
// File: drivers/vfio/mdev/mdev_budget.c
// Kernel: 7.3 x86 kasan
// Caught-by: run_kunit.sh mdev_budget.an_instance_gets_all_pools_or_none
@@
identifier i, pools;
@@
 mdev_charge_drop(...)
 {
 <...
 for (i = 0; 
-i < pools->nr
+i < 1
 ; i++)
 	pools->account[i].taken -= ...;
 ...>
 }
