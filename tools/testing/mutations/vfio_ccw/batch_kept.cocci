// SPDX-License-Identifier: GPL-2.0-only
// Mutation: of a row of pages that cannot be pinned whole, the first ones stay pinned
// File: drivers/s390/cio/vfio_ccw_mem.c
// Caught-by: ccw_cp_test cp.no_page_stays_pinned
@@
@@
 mem_pin(...)
 {
 <...
- mem_unpin(...);
 ...>
 }
