// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a count of zero in format 0 is taken for one in format 1
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test format_0_count_0_is_a_program_check
@@
@@
 ccw_from_format_0(...)
 {
 <...
- !old.count
+ false
 ...>
 }
