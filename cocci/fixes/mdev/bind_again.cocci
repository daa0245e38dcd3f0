// SPDX-License-Identifier: GPL-2.0-only
// An mdev that was unbound through sysfs can be bound again.

virtual patch

@@
@@
 mdev_match(...)
 {
+	struct mdev_device *mdev = to_mdev_device(dev);
+
 ...
-	return 0;
+	if (!mdev->active)
+		return 0;
+	/* It was unbound through sysfs */
+	return drv == &mdev->type->parent->mdev_driver->driver;
 }
