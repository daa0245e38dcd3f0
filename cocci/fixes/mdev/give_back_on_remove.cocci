// SPDX-License-Identifier: GPL-2.0-only
// An mdev gives back its slot, its UUID and its type when it is removed.

virtual patch

@@
identifier mdev;
@@
+static void mdev_device_give_back(struct mdev_device *mdev);
+
 static void mdev_device_remove_common(struct mdev_device *mdev)
 {
 ...
 device_del(&mdev->dev);
+ mdev_device_give_back(mdev);
 ...
 }

@@
@@
 static void mdev_device_release(...)
 {
 ...
-	mdev_device_give_back(...);
 ...
 }

@@
identifier mdev;
@@
 mdev_device_create(...)
 {
 <...
 out_put_device:
+	mdev_device_give_back(mdev);
	put_device(&mdev->dev);
 ...>
 }
