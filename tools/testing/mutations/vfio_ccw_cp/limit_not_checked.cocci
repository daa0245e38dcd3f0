// SPDX-License-Identifier: GPL-2.0-only
// Mutation: data may end beyond the addresses of its format
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test data_ends_at_the_last_address
@@
@@
 cp_direct(...)
 {
 <...
- addr + count > cp->limit
+ false
 ...>
 }
