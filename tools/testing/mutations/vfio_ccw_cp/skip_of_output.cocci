// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the skip flag is taken to count for output
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test skipped_data_need_not_be_mapped
@@
expression E;
@@
 ccw_is_input(...)
 {
- return E;
+ return true;
 }
