// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the attribute "remove" is removed before the check whether the mdev can be removed
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_teardown_test end.remove_during_create
@@
identifier dev, attr, inst, set, ret;
@@
 remove_store(struct device *dev, struct device_attribute *attr, ...)
 {
 <...
+if (!device_remove_file_self(dev, attr))
+	return -ENODEV;
 if (!mdev_try_get_registration(set))
 	return -ENODEV;
 if (mdev_set_state(inst, MDEV_REMOVING) == MDEV_CREATING)
 	ret = -EAGAIN;
-else if (device_remove_file_self(dev, attr))
+else
 	mdev_device_remove(inst);
 ...>
 }
