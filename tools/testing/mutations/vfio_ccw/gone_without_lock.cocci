// SPDX-License-Identifier: GPL-2.0-only
// Mutation: css_sched_sch_todo() for a device that is gone is called without sch->lock
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_event_test gone.without_mdev
// Kernel: 7.3 s390 lock
@@
identifier sch;
@@
 vfio_ccw_device_gone(struct subchannel *sch)
 {
 <...
- vfio_ccw_sch_gone(sch);
+ {
+ spin_unlock(&sch->lock);
+ css_sched_sch_todo(sch, SCH_TODO_UNREG);
+ spin_lock(&sch->lock);
+ }
 ...>
 }
