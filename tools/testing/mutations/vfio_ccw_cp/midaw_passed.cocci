// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a CCW with MIDAWs is passed on
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test midaws_are_refused
@@
@@
 cp_begin(...)
 {
 <...
- if (word & ORB_MIDAW) cp->flags |= CP_MIDAW;
 ...>
 }
