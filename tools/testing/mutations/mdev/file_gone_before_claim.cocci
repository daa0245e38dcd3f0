// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the attribute "remove" is removed before the check whether the mdev can be removed
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_teardown_test end.remove_during_create
@@
identifier dev, attr, parent, inst;
@@
 remove_store(struct device *dev, struct device_attribute *attr, ...)
 {
 <...
(
+if (!device_remove_file_self(dev, attr))
+	return -ENODEV;
 if (!down_read_trylock(&parent->unreg_sem))
 	return -ENODEV;
|
-if (device_remove_file_self(dev, attr))
 	mdev_device_remove(inst);
)
 ...>
 }
