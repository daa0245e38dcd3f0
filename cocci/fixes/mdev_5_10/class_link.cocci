// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: a parent removes its link in /sys/class/mdev_bus only if it made one.

# spatch --smpl-spacing

virtual patch

@@
typedef bool;
@@
 struct mdev_parent {
 ...
 struct rw_semaphore unreg_sem;
+	/* It has a link in mdev_bus_compat_class */
+	bool linked;
 };

@@
iterator name list_for_each_entry;
@@
+/* Caller holds parent_list_lock */
+static int mdev_claim_link(struct mdev_parent *parent)
+{
+	struct mdev_parent *other;
+
+	list_for_each_entry(other, &parent_list, next) {
+		const char *name = dev_name(other->dev);
+
+		if (other->linked && !strcmp(name, dev_name(parent->dev)))
+			return -EEXIST;
+	}
+	parent->linked = true;
+	return 0;
+}
+
 int mdev_register_device(...)
 {
 ...
 }

@@
expression list ES;
@@
 mdev_register_device(...)
 {
 <...
-	ret = class_compat_create_link(ES);
+	ret = mdev_claim_link(parent);
+	if (!ret)
+		ret = class_compat_create_link(ES);
 ...>
 }

@@
expression list ES;
@@
 mdev_unregister_device(...)
 {
 <...
-	class_compat_remove_link(ES);
+	if (parent->linked)
+		class_compat_remove_link(ES);
 ...>
 }
