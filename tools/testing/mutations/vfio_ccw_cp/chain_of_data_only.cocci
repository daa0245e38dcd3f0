// SPDX-License-Identifier: GPL-2.0-only
// Mutation: command chaining does not continue a segment
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test command_and_data_chaining
@@
@@
 ccw_chains(...)
 {
- return !ccw_is_tic(ccw) && ccw->flags & (CCW_FLAG_CC | CCW_FLAG_DC);
+ return !ccw_is_tic(ccw) && ccw->flags & CCW_FLAG_DC;
 }
