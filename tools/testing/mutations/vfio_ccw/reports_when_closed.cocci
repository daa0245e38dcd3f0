// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a channel report is queued although the device is closed
// File: drivers/s390/cio/vfio_ccw_crw.c
// Caught-by: ccw_event_test path.reports_are_for_who_has_it_open
// Kernel: 7.3 s390 lock
@@
@@
 vfio_ccw_crw_queue(...)
 {
 ...
- if (<+... VFIO_CCW_STATE_STANDBY ...+>)
- 	return;
 ...
 }
