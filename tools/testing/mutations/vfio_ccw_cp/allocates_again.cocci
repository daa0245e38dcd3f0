// SPDX-License-Identifier: GPL-2.0-only
// Mutation: each program allocates its list of pages
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test nothing_is_allocated_for_the_next_program
@@
@@
 cp_reserve_pages(...)
 {
 <...
- cp->nr_runs + IDAWS_MAX > cp->runs_room
+ cp->nr_runs + IDAWS_MAX >= cp->nr_runs
 ...>
 }
