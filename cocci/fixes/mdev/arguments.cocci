// SPDX-License-Identifier: GPL-2.0-only
// mdev_register_parent() refuses arguments that it cannot use.

# spatch --smpl-spacing

virtual patch

@@
identifier parent, dev, drv, types, nr_types;
typedef bool;
@@
+static bool mdev_arguments_valid(struct mdev_parent *parent,
+                                 struct device *dev,
+                                 struct mdev_driver *drv,
+                                 struct mdev_type **types,
+                                 unsigned int nr_types)
+{
+	unsigned int i;
+	unsigned int j;
+
+	if (!parent || !dev || !drv || drv->driver.bus != &mdev_bus_type ||
+            !types || !nr_types)
+                return false;
+	for (i = 0; i < nr_types; i++) {
+		if (!types[i] || !types[i]->sysfs_name)
+                        return false;
+		/* They are names of directories */
+		for (j = 0; j < i; j++)
+			if (!strcmp(types[i]->sysfs_name, types[j]->sysfs_name))
+                                return false;
+	}
+	return true;
+}
+
 int mdev_register_parent(struct mdev_parent *parent, struct device *dev,
			  struct mdev_driver *drv, struct mdev_type **types,
			  unsigned int nr_types)
 {
 ...
+	if (!mdev_arguments_valid(parent, dev, drv, types, nr_types))
+                return -EINVAL;
+
	memset(parent, 0, sizeof(*parent));
 ...
 }
