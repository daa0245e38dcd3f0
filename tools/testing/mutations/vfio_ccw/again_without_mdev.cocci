// SPDX-License-Identifier: GPL-2.0-only
// Mutation: without an mdev, sch_event asks css to call it again
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_event_test path.reports_without_mdev_settle
// Kernel: 7.3 s390 lock
@@
identifier sch, ret;
@@
 vfio_ccw_sch_event(struct subchannel *sch, ...)
 {
 ...
- ret = 0;
+ {
+ struct vfio_ccw_private *p = vfio_ccw_get_private(sch);
+ ret = p ? 0 : -EAGAIN;
+ vfio_ccw_put_private(p);
+ }
 ...
 }
