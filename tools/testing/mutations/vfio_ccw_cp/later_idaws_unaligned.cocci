// SPDX-License-Identifier: GPL-2.0-only
// Mutation: IDAWs after the first keep its offset
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test direct_data_of_any_alignment
@@
identifier cp, addr;
@@
 cp_direct(...)
 {
 <...
- addr &= ~(cp->block_size - 1);
+ addr &= ~0U;
 ...>
 }
