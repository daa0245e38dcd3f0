// SPDX-License-Identifier: GPL-2.0-only
// Mutation: css remove frees the parent before it hides it from the callbacks
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_race_test race.bind_x_reports
// Kernel: 7.3 s390 lock
@@
@@
 #include <linux/module.h>
+#include <linux/delay.h>

// a busy host may preempt the virtual CPU for as long
@@
identifier sch, parent;
@@
 vfio_ccw_sch_remove(struct subchannel *sch)
 {
 ...
+ kfree(parent);
+ mdelay(5);
 vfio_ccw_erase_parent(sch);
 ...
- kfree(parent);
 ...
 }
