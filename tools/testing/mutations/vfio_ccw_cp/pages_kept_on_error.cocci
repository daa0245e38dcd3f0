// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the pages of a refused program stay listed
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idaw_beside_a_block_boundary_is_refused
@@
@@
 vfio_ccw_cp_translate(...)
 {
 <...
 if (ret) {
 ...
- vfio_ccw_cp_discard(cp);
 ...
 }
 ...>
 }
