// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a page two further on is added to the run
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test pages_are_named_by_their_address
@@
@@
 cp_page(...)
 {
 <...
- distance == run->nr
+ distance >= run->nr
 ...>
 }
