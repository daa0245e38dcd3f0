// SPDX-License-Identifier: GPL-2.0-only
// A registration leaves what is registered already alone.

# spatch --smpl-spacing

virtual patch

@@
@@
 #include <linux/sysfs.h>
+#include <linux/xarray.h>
 #include <linux/mdev.h>

@@
declarer name DEFINE_MUTEX, DEFINE_XARRAY;
iterator name xa_for_each;
typedef bool;
@@
 DEFINE_MUTEX(mdev_list_lock);
+
+static DEFINE_XARRAY(mdev_parents);
+
+static bool mdev_has_type(struct mdev_parent *parent,
+                          struct mdev_type *type)
+{
+	unsigned int i;
+
+	for (i = 0; i < parent->nr_types; i++)
+		if (parent->types[i] == type)
+                        return true;
+	return false;
+}
+
+/* Fill in @parent, unless a part of it is registered already */
+static int mdev_claim_parent(struct mdev_parent *parent,
+                             struct device *dev,
+                             struct mdev_type **types,
+                             unsigned int nr_types)
+{
+	struct mdev_parent *other;
+	unsigned long index;
+	unsigned int i;
+	int ret = 0;
+
+	mutex_lock(&mdev_list_lock);
+	xa_for_each(&mdev_parents, index, other) {
+		if (other == parent || other->dev == dev)
+                        ret = -EEXIST;
+		for (i = 0; i < nr_types; i++)
+			if (mdev_has_type(other, types[i]))
+                                ret = -EEXIST;
+	}
+	if (!ret)
+                ret = xa_insert(&mdev_parents, (unsigned long)parent,
+                                parent, GFP_KERNEL);
+	if (!ret) {
+		memset(parent, 0, sizeof(*parent));
+		parent->dev = dev;
+		parent->types = types;
+		parent->nr_types = nr_types;
+	}
+	mutex_unlock(&mdev_list_lock);
+	return ret;
+}

@@
identifier parent, dev, types, nr_types, ret;
@@
 mdev_register_parent(struct mdev_parent *parent,
		      struct device *dev, ...,
		      struct mdev_type **types, unsigned int nr_types)
 {
 ...
-	memset(parent, 0, sizeof(*parent));
+	ret = mdev_claim_parent(parent, dev, types, nr_types);
+	if (ret)
+                return ret;
 ...
-	parent->dev = dev;
 ...
-	parent->types = types;
-	parent->nr_types = nr_types;
 ...
-	if (ret)
+	if (ret) {
+                xa_erase(&mdev_parents, (unsigned long)parent);
		return ret;
+	}
 ...
 }

@@
identifier parent;
@@
 mdev_unregister_parent(struct mdev_parent *parent)
 {
 ...
+	xa_erase(&mdev_parents, (unsigned long)parent);
	kobject_uevent_env(...);
 }
