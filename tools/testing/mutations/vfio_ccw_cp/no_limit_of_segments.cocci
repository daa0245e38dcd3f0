// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a program may have one segment more than there is room for
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test sixteen_segments
@@
@@
 cp_add_segment(...)
 {
 <...
- cp->nr_segments == VFIO_CCW_CP_SEGMENTS_MAX
+ cp->nr_segments == VFIO_CCW_CP_SEGMENTS_MAX + 1
 ...>
 }
