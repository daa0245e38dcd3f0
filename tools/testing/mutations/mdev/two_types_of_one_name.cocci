// SPDX-License-Identifier: GPL-2.0-only
// Mutation: two types of one name are not refused at once
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_register_test argument.two_types_of_one_name.is_refused
@@
@@
 mdev_type_fault(...)
 {
 <...
-if (!strcmp(types[i]->sysfs_name, types[nr]->sysfs_name))
+if (types[i] == types[nr])
 	return "two types have the same sysfs_name";
 ...>
 }
