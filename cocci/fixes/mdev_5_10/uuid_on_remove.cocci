// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: the UUID of an mdev is free when it is removed.

virtual patch

@@
identifier mdev;
@@
+static void mdev_device_give_back(struct mdev_device *mdev)
+{
+	mutex_lock(&mdev_list_lock);
+	list_del(&mdev->next);
+	mutex_unlock(&mdev_list_lock);
+}
+
 static void mdev_device_remove_common(struct mdev_device *mdev)
 {
 ...
	device_del(&mdev->dev);
+	mdev_device_give_back(mdev);
 ...
 }

@@
identifier mdev;
@@
 mdev_device_free(struct mdev_device *mdev)
 {
-	mutex_lock(&mdev_list_lock);
-	list_del(&mdev->next);
-	mutex_unlock(&mdev_list_lock);
 ...
 }

@@
@@
 mdev_device_create(...)
 {
 <...
(
+	mdev_device_give_back(mdev);
	mdev_device_free(mdev);
|
+	mdev_device_give_back(mdev);
	put_device(&mdev->dev);
)
 ...>
 }
