// SPDX-License-Identifier: GPL-2.0-only
// A parent removes its link in /sys/class/mdev_bus only if it made one.

# spatch --smpl-spacing

virtual patch

@@
declarer name DEFINE_XARRAY;
iterator name xa_for_each_marked;
@@
 DEFINE_XARRAY(mdev_parents);
+/* The mark of parents that have a link in mdev_bus_compat_class */
+#define MDEV_LINKED	XA_MARK_1
+
+static int mdev_claim_link(struct mdev_parent *parent)
+{
+	struct mdev_parent *other;
+	unsigned long index;
+	int ret = 0;
+
+	mutex_lock(&mdev_list_lock);
+	xa_for_each_marked(&mdev_parents, index, other, MDEV_LINKED)
+		if (!strcmp(dev_name(other->dev), dev_name(parent->dev)))
+			ret = -EEXIST;
+	if (!ret)
+                xa_set_mark(&mdev_parents, (unsigned long)parent,
+                            MDEV_LINKED);
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
+	if (xa_get_mark(&mdev_parents, (unsigned long)parent, MDEV_LINKED))
+		class_compat_remove_link(ES);
 ...
 }
