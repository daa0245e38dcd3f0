// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the status address of the last CCW does not translate
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test no_host_address_leaves
@@
@@
 cp_guest_ccw(...)
 {
 <...
- (segment->length + 1)
+ (segment->length - 1)
 ...>
 }
