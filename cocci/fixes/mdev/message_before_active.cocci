// SPDX-License-Identifier: GPL-2.0-only
// mdev_device_create() does not touch the mdev once it can be removed.

virtual patch

@@
identifier mdev;
@@
 mdev_device_create(...)
 {
 <...
-	mdev->active = true;
	dev_dbg(...);
+	mdev->active = true;
 ...>
 }
