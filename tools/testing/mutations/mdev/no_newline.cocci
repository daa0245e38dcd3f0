// SPDX-License-Identifier: GPL-2.0-only
// Mutation: available_instances ends without a newline
// File: drivers/vfio/mdev/mdev_type.c
// Caught-by: mdev_attr_test type.test.bytes
@@
@@
 available_instances_show(...)
 {
 ...
 sysfs_emit(buf,
-"%u\n"
+"%u"
 , ...)
 ...
 }
