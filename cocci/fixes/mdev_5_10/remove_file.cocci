// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: the file remove goes when the removal can no longer fail.

virtual patch

@@
identifier dev, attr, ret;
expression val;
@@
 remove_store(struct device *dev, struct device_attribute *attr, ...)
 {
 ...
-	if (val && device_remove_file_self(dev, attr)) {
+	if (val) {
		int ret;
 ...
-		ret = mdev_device_remove(dev);
+		ret = mdev_device_remove(dev, attr);
 ...
	}
 ...
 }

@@
identifier dev, parent;
@@
-int mdev_device_remove(struct device *dev)
+int mdev_device_remove(struct device *dev,
+		       struct device_attribute *attr)
 {
 ...
	if (!down_read_trylock(&parent->unreg_sem))
		return -ENODEV;
+	device_remove_file_self(dev, attr);
 ...
 }

@@
identifier dev;
@@
-int mdev_device_remove(struct device *dev);
+int mdev_device_remove(struct device *dev,
+		       struct device_attribute *attr);
