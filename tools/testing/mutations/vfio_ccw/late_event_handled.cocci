// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a late event of css is handled although the subchannel has another driver
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_window_test window.late_event
// Kernel: 7.3 s390 lock
@@
expression sch;
@@
 vfio_ccw_sch_event(...)
 {
 ...
- if (!vfio_ccw_get_parent(sch) || !device_is_registered(&sch->dev) ||
+ if (!device_is_registered(&sch->dev) ||
      work_pending(&sch->todo_work))
 	goto out_unlock;
 ...
 }
