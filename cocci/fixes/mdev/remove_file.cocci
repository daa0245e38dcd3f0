// SPDX-License-Identifier: GPL-2.0-only
// The file remove goes when the removal can no longer fail.

virtual patch

@@
identifier dev, attr, mdev, ret;
expression val;
@@
 remove_store(struct device *dev, struct device_attribute *attr, ...)
 {
 ...
-	if (val && device_remove_file_self(dev, attr)) {
+	if (val) {
		int ret;
 ...
-		ret = mdev_device_remove(mdev);
+		ret = mdev_device_remove(mdev, attr);
 ...
	}
 ...
 }

@@
identifier mdev, parent;
@@
-int mdev_device_remove(struct mdev_device *mdev)
+int mdev_device_remove(struct mdev_device *mdev,
+		       struct device_attribute *attr)
 {
 ...
	if (!down_read_trylock(&parent->unreg_sem))
		return -ENODEV;
+	device_remove_file_self(&mdev->dev, attr);
 ...
 }

@@
identifier dev;
@@
-int mdev_device_remove(struct mdev_device *dev);
+int mdev_device_remove(struct mdev_device *mdev,
+		       struct device_attribute *attr);
