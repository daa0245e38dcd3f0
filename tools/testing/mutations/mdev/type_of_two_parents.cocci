// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a type of another parent is not refused
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_register_test second.type.registration_is_refused
@@
@@
 mdev_registered_already(...)
 {
 <...
-if (mdev_set_has_type(set, types[i]))
+if (!mdev_set_has_type(set, types[i]))
+	continue;
+else if (!dev)
 	return "one of the types is";
 ...>
 }
