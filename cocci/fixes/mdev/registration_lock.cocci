// SPDX-License-Identifier: GPL-2.0-only
// No mdev is created before the registration of its parent is complete.

virtual patch

@@
identifier parent, ret;
@@
+	/* no mdev before all types are there: creators only try */
+	down_write(&parent->unreg_sem);
	ret = parent_create_sysfs_files(parent);
+	up_write(&parent->unreg_sem);
