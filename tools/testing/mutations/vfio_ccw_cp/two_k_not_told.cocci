// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the ORB does not say that IDAWs are for 2 KiB
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idaws_of_2k_make_all_lists_2k
@@
@@
 vfio_ccw_cp_translate(...)
 {
 <...
- if (cp->block_size == 2048) cp->orb[1] |= cpu_to_be32(ORB_IDAW_2K);
 ...>
 }
