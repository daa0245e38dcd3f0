// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the page behind a run counts as in use
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test uses_compares_whole_ranges
@@
@@
 vfio_ccw_cp_uses(...)
 {
 <...
- (bytes - 1)
+ bytes
 ...>
 }
