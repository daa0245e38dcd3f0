// SPDX-License-Identifier: GPL-2.0-only
// Mutation: user space hears of an mdev before its links exist
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_window_test bind.links_exist_when_user_space_hears_of_the_mdev
@@
@@
 mdev_device_add(...)
 {
 ...
-dev_set_uevent_suppress(&mdev->dev, true);
 ret = device_add(&mdev->dev);
+msleep(300);
 ...
 }

@@
@@
 #include <linux/export.h>
+#include <linux/delay.h>
