// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a status address that is not in the program stays
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test no_host_address_leaves
@@
@@
 cp_guest_ccw(...)
 {
 ...
- return 0;
+ return host;
 }
