// SPDX-License-Identifier: GPL-2.0-only
// Mutation: MDEV_STATE=registered is sent before the types are added
// File: drivers/vfio/mdev/mdev_core.c
// Caught-by: mdev_attr_test parent.registered_event_comes_after_the_files
@@
@@
 mdev_parent_add(...)
 {
 ...
+kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_registered_env);
 ret = mdev_types_add(parent);
 ...
-kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, mdev_registered_env);
 ...
 }
