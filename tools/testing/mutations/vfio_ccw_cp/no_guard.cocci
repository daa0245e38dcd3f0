// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the CCW after a segment is left as it was in guest memory
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test modifier_past_the_end_is_a_program_check
@@
@@
 cp_add_segment(...)
 {
 ...
- memset(segment->ccws + segment->length, 0, sizeof(*segment->ccws));
 ...
 }
