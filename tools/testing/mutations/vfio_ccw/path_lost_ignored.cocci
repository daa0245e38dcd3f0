// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a program that waits for a lost path is not ended
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_event_test path.lost_in_flight
@@
@@
 fsm_path_lost(...)
 {
 ...
- return vfio_ccw_sch_clear(...);
+ return 0;
 }
