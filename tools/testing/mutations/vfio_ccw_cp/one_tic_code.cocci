// SPDX-License-Identifier: GPL-2.0-only
// Mutation: format 0 has one code for a TIC
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test format_0_has_sixteen_tic_codes
@@
@@
 ccw_from_format_0(...)
 {
 <...
- (old.code & 0x0f) == CCW_CMD_TIC
+ old.code == CCW_CMD_TIC
 ...>
 }
