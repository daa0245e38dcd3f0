// SPDX-License-Identifier: GPL-2.0-only
// mdev_unregister_parent() waits for the end of up_read() in the last remove.

virtual patch

@@
identifier mdev, parent;
@@
 mdev_device_remove(...)
 {
 ...
	mdev_device_remove_common(mdev);
+	/* Pairs with the lock in mdev_unregister_parent() */
+	mutex_lock(&mdev_list_lock);
	up_read(&parent->unreg_sem);
+	mutex_unlock(&mdev_list_lock);
 ...
 }

@@
identifier parent;
@@
 mdev_unregister_parent(...)
 {
 ...
	up_write(&parent->unreg_sem);
+
+	/* The last up_read() may still touch @parent */
+	mutex_lock(&mdev_list_lock);
+	mutex_unlock(&mdev_list_lock);
 ...
 }
