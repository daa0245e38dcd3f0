// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a list of IDAWs is read for the longest case
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idal_that_ends_right_before_a_hole
@@
expression cp, addr, count, backward;
@@
 cp_indirect(...)
 {
 <...
- nr = cp_nr_idaws(cp, addr, count, backward);
+ nr = room;
 ...>
 }
