// SPDX-License-Identifier: GPL-2.0-only
// Mutation: css unregisters a subchannel whose mdev is open, and waits for the user
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_event_test gone.css_does_not_wait_for_the_user
@@
identifier private;
@@
 vfio_ccw_fsm_gone(struct vfio_ccw_private *private)
 {
 ...
- if (!private->open) {
+ {
 	vfio_ccw_sch_gone(private->sch);
- } else if (!private->gone) {
- 	...
 }
 }
