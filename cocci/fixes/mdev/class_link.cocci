// SPDX-License-Identifier: GPL-2.0-only
// A parent removes its link in /sys/class/mdev_bus only if it made one.

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
@@
 DEFINE_MUTEX(mdev_list_lock);
+
+/* The parents that have a link in mdev_bus_compat_class */
+static DEFINE_XARRAY(mdev_linked);
+
+static int mdev_claim_link(struct mdev_parent *parent)
+{
+	struct mdev_parent *other;
+	unsigned long index;
+	int ret = 0;
+
+	mutex_lock(&mdev_list_lock);
+	xa_for_each(&mdev_linked, index, other)
+		if (!strcmp(dev_name(other->dev), dev_name(parent->dev)))
+			ret = -EEXIST;
+	if (!ret)
+		ret = xa_insert(&mdev_linked, (unsigned long)parent, parent,
+                                GFP_KERNEL);
+	mutex_unlock(&mdev_list_lock);
+	return ret;
+}

@@
expression list ES;
@@
 mdev_register_parent(...)
 {
 ...
-	ret = class_compat_create_link(ES);
+	ret = mdev_claim_link(parent);
+	if (!ret)
+		ret = class_compat_create_link(ES);
 ...
 }

@@
expression list ES;
@@
 mdev_unregister_parent(...)
 {
 ...
-	class_compat_remove_link(ES);
+	if (xa_erase(&mdev_linked, (unsigned long)parent))
+		class_compat_remove_link(ES);
 ...
 }
