// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a TIC back into its segment ends it
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test search_and_tic_back
@@
expression E;
@@
 segment_continues(...)
 {
- return E;
+ return false;
 }
