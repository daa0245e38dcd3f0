// SPDX-License-Identifier: GPL-2.0-only
// User space hears of an mdev when it is complete.

virtual patch

@@
@@
 mdev_device_create(...)
 {
 <...
+	/* A program that hears of the mdev finds its driver and its links */
+	dev_set_uevent_suppress(&mdev->dev, true);
	ret = device_add(&mdev->dev);
 ...>
 }

@@
@@
 mdev_device_create(...)
 {
 <...
	ret = mdev_create_sysfs_files(mdev);
	if (ret)
		goto out_del;
+
+	dev_set_uevent_suppress(&mdev->dev, false);
+	kobject_uevent(&mdev->dev.kobj, KOBJ_ADD);
+	kobject_uevent(&mdev->dev.kobj, KOBJ_BIND);
 ...>
 }

@@
@@
 mdev_device_create(...)
 {
 <...
 out_del:
+	dev_set_uevent_suppress(&mdev->dev, false);
+	kobject_uevent(&mdev->dev.kobj, KOBJ_ADD);
	device_del(&mdev->dev);
 ...>
 }
