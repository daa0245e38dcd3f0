// SPDX-License-Identifier: GPL-2.0-only
// A function of its own gives back the slot, the type and the UUID of an mdev.

virtual patch

@@
identifier dev, mdev, parent;
@@
+/* Give back what mdev_device_create() took: UUID, slot and type */
+static void mdev_device_give_back(struct mdev_device *mdev)
+{
+	struct mdev_parent *parent = mdev->type->parent;
+
+	mutex_lock(&mdev_list_lock);
+	list_del(&mdev->next);
+	if (!parent->mdev_driver->get_available)
+		atomic_inc(&parent->available_instances);
+	mutex_unlock(&mdev_list_lock);
+
+	/* Pairs with the get in mdev_device_create() */
+	kobject_put(&mdev->type->kobj);
+}
+
 static void mdev_device_release(struct device *dev)
 {
	struct mdev_device *mdev = to_mdev_device(dev);
-	struct mdev_parent *parent = mdev->type->parent;
+
+	mdev_device_give_back(mdev);
 ...
-	mutex_lock(&mdev_list_lock);
-	list_del(&mdev->next);
-	if (!parent->mdev_driver->get_available)
-		atomic_inc(&parent->available_instances);
-	mutex_unlock(&mdev_list_lock);
-
-	kobject_put(&mdev->type->kobj);
 ...
 }
