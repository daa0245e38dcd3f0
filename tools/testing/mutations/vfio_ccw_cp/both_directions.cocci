// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a TIC to data of a command in the other direction is not seen
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test forward_and_backward_at_once_is_refused
@@
@@
 cp_note(...)
 {
 <...
- cp->flags |= CP_HAS_TIC;
 ...>
 }
