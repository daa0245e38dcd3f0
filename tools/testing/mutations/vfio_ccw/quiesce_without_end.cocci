// SPDX-License-Identifier: GPL-2.0-only
// Mutation: close waits for a subchannel for as long as that does not stop
// File: drivers/s390/cio/vfio_ccw_sch.c
// Caught-by: ccw_window_test window.idle_does_not_stop
@@
expression end;
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
- time_after(jiffies, end)
+ false && time_after(jiffies, end)
 ...>
 }
