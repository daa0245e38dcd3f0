// SPDX-License-Identifier: GPL-2.0-only
// The file remove goes when the removal can no longer fail. Of several removals at a time, the others
// find no device, as if they had come later.

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

@@
declarer name LIST_HEAD;
@@
 static LIST_HEAD(mdev_list);
+static LIST_HEAD(mdev_leaving);

@@
iterator name list_for_each_entry;
identifier tmp;
expression new;
statement S;
@@
 mdev_device_create(...)
 {
 ...
	list_for_each_entry(tmp, &mdev_list, next) {
		if (guid_equal(&tmp->uuid, new))
			S
	}
+	list_for_each_entry(tmp, &mdev_leaving, next) {
+		if (guid_equal(&tmp->uuid, new))
+			S
+	}
 ...
 }

@@
identifier mdev;
@@
 mdev_device_remove(...)
 {
 ...
	mdev->active = false;
+	list_move(&mdev->next, &mdev_leaving);
 ...
 }
