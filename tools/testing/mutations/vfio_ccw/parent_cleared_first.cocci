// SPDX-License-Identifier: GPL-2.0-only
// Mutation: css remove hides the parent from the callbacks before its mdev is removed
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_life_test leave.unbind.while_open
@@
identifier sch;
@@
 vfio_ccw_sch_remove(struct subchannel *sch)
 {
 ...
+ vfio_ccw_erase_parent(sch);
 mdev_unregister_parent(...);
- vfio_ccw_erase_parent(sch);
 ...
 }
