// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a refusal counts although something was given back since the driver looked
// File: drivers/vfio/mdev/mdev_budget.c
// Kernel: 7.3 x86 kasan
// Caught-by: run_kunit.sh mdev_budget.a_refusal_lasts_until_something_is_given_back
@@
expression a, b;
statement S;
@@
 mdev_refuse(...)
 {
 <...
-if (a == b) S
+S
 ...>
 }
