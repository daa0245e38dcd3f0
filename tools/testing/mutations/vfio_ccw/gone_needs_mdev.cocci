// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a subchannel whose device is gone is unregistered only if it has an mdev
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_event_test gone.without_mdev
@@
identifier sch, private;
@@
 vfio_ccw_device_gone(struct subchannel *sch)
 {
 struct vfio_ccw_private *private = vfio_ccw_get_private(sch);
 if (private)
 	vfio_ccw_fsm_gone(private);
- else
- 	vfio_ccw_sch_gone(sch);
 ...
 }
