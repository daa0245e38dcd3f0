// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a TIC leads to the first CCW of its segment
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test tic_into_the_middle_of_a_segment
@@
identifier target;
expression E, F;
@@
 cp_host_ccw(..., u32 *target)
 {
 <...
- *target = E + (F);
+ *target = E;
 ...>
 }
