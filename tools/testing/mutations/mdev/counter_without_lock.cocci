// SPDX-License-Identifier: GPL-2.0-only
// Mutation: creates count in a variable without a lock, often enough for KCSAN to sample it
// File: drivers/vfio/mdev/mdev_device.c
// Caught-by: mdev_race_test slots.test.churn
// Kernel: 7.3 x86 kcsan
@@
@@
+static unsigned long mdev_adds;
+
 mdev_table_add(...)
 {
+	unsigned int i;
+
+	for (i = 0; i < 20000; i++) {
+		mdev_adds++;
+		barrier();
+	}
 ...
 }
