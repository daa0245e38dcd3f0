// SPDX-License-Identifier: GPL-2.0-only
// Mutation: data of a read-backward command is looked for above its address
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test read_backward
@@
expression E;
@@
 ccw_is_backward(...)
 {
- return E;
+ return false;
 }
