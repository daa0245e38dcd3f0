// SPDX-License-Identifier: GPL-2.0-only
// The module is not unloaded before every mdev is released.

# spatch --smpl-spacing

virtual patch

@@
@@
 #include <linux/sysfs.h>
+#include <linux/wait_bit.h>

@@
declarer name DEFINE_MUTEX;
@@
 DEFINE_MUTEX(mdev_list_lock);
+
+/* mdevs that mdev_device_release() has not freed */
+static atomic_t mdev_unreleased = ATOMIC_INIT(0);

@@
@@
 mdev_device_release(...)
 {
 ...
	kfree(...);
+	if (atomic_dec_and_test(&mdev_unreleased))
+                wake_up_var(&mdev_unreleased);
 }

@@
@@
 mdev_device_create(...)
 {
 <...
	device_initialize(...);
+	atomic_inc(&mdev_unreleased);
 ...>
 }

@@
@@
 mdev_exit(...)
 {
+	/* An open file of sysfs keeps an mdev that was removed */
+	wait_var_event(&mdev_unreleased, !atomic_read(&mdev_unreleased));
 ...
 }
