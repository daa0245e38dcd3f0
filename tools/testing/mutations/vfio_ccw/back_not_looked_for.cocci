// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a device that came back while the old one was open is not looked for
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_event_test gone.stays_gone
@@
@@
 vfio_ccw_sch_remove(...)
 {
 ...
- if (parent->gone)
- 	css_schedule_reprobe();
 ...
 }
