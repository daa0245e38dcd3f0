// SPDX-License-Identifier: GPL-2.0-only
// Mutation: IDAWs of format 1 are taken for 8 bytes long
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idaws_of_each_format_and_size
@@
expression E;
@@
 cp_idaw_size(...)
 {
- return E;
+ return 8;
 }
