// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the index of a region, 54 bits of the file offset, is truncated to 32
// File: drivers/s390/cio/vfio_ccw_region.c
// Caught-by: ccw_io_test io.no_such_region
@@
typedef u64, u32;
identifier index;
@@
 vfio_ccw_find_region(
- u64
+ u32
 index)
 { ... }
