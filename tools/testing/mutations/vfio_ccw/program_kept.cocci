// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the pages before one that cannot be pinned stay pinned
// File: drivers/s390/cio/vfio_ccw_mem.c
// Caught-by: ccw_io_test io.half_unmapped_chain
@@
@@
 vfio_ccw_program_load(...)
 {
 <...
- mem_unpin_runs(...);
 ...>
 }
