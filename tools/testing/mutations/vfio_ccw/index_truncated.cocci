// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a region's index is 32 bits of the 54 that a file offset has for it
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_io_test io.no_such_region
@@
typedef u64, u32;
identifier private, index;
@@
 vfio_ccw_find_region(struct vfio_ccw_private *private,
- u64
+ u32
 index)
 { ... }
