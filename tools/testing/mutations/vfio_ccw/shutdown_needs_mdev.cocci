// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a shutdown takes it for granted that the subchannel has an mdev
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_reboot bound
@@
identifier private, sch;
@@
 vfio_ccw_sch_shutdown(struct subchannel *sch)
 {
 ...
-if (private) {
+{
 ...
 }
 ...
 }
