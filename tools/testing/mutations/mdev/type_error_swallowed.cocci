// SPDX-License-Identifier: GPL-2.0-only
// Mutation: an error while a type's directory is added is not passed on (CVE-2023-52570)
// File: drivers/vfio/mdev/mdev_type.c
// Caught-by: mdev_fault_test parent.every_allocation
// Kernel: 7.3 x86 kasan
@@
@@
 mdev_types_add(...)
 {
 <...
 mdev_types_remove_first(...);
-return ret;
+return 0;
 ...>
 }
