// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a segment may have one CCW more than there is room for
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test segment_of_256_ccws
@@
expression n;
@@
 segment_read(...)
 {
 <...
- n < VFIO_CCW_CP_LENGTH_MAX
+ n <= VFIO_CCW_CP_LENGTH_MAX
 ...>
 }
