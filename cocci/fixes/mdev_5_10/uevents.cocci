// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: user space hears of an mdev when it is complete.

virtual patch

@@
@@
 mdev_device_create(...)
 {
 <...
+	/* A program that hears of the mdev finds its links */
+	dev_set_uevent_suppress(&mdev->dev, true);
	ret = device_add(&mdev->dev);
 ...>
 }

@@
@@
 mdev_device_create(...)
 {
 <...
	ret = mdev_create_sysfs_files(...);
+	dev_set_uevent_suppress(&mdev->dev, false);
+	kobject_uevent(&mdev->dev.kobj, KOBJ_ADD);
	if (ret)
		goto sysfs_fail;
+	if (mdev->dev.driver)
+		kobject_uevent(&mdev->dev.kobj, KOBJ_BIND);
 ...>
 }
