// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a channel path event does not put its reference
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_event_test path.vary_keeps_nothing
// Kernel: 7.3 s390 lock
@@
identifier private;
@@
 vfio_ccw_report_path(...)
 {
 ...
- vfio_ccw_put_private(private);
 }
