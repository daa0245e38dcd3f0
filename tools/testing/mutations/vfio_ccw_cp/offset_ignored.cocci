// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the offset of the data in its block is not counted
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test direct_data_of_any_alignment
@@
expression before, count, mask;
@@
 cp_nr_idaws(...)
 {
 ...
- return (before + count + mask) / cp->block_size;
+ return (count + mask) / cp->block_size;
 }
