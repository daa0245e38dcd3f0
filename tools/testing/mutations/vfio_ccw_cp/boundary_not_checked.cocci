// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a later IDAW may have any offset
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idaw_beside_a_block_boundary_is_refused
@@
statement S1, S2;
expression E, e;
@@
 cp_indirect(...)
 {
 <...
 if (!n) S1
- else if (E) return e;
 ...>
 }
