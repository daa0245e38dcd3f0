// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the pages of a program that has ended stay pinned until the next one
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_cp_test cp.no_page_stays_pinned
@@
@@
 fsm_cp_irq(...)
 {
 <...
- queue_delayed_work(...);
 ...>
 }
