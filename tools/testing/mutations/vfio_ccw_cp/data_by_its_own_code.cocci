// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a NOP in a data chain is taken to transfer nothing
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test no_data_by_the_code_but_by_the_chain
@@
expression E;
@@
 segment_translate(...)
 {
 <...
- bool by_data = E;
+ bool by_data = false;
 ...>
 }
