// SPDX-License-Identifier: GPL-2.0-only
// mdev_device_create() gives the slot back if the allocation of the mdev fails.

virtual patch

@@
@@
 mdev_device_create(...)
 {
 <...
 if (!mdev) {
+	if (!drv->get_available)
+		atomic_inc(&parent->available_instances);
	mutex_unlock(&mdev_list_lock);
	return -ENOMEM;
 }
 ...>
 }
