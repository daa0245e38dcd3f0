// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the first IDAW loses its offset in the page
// File: drivers/s390/cio/vfio_ccw_cp.c
// Caught-by: cp_test idaws_of_each_format_and_size
@@
identifier offset;
@@
 cp_idaw(...)
 {
- u64 offset = iova & PAGE_OFFSET_MASK;
+ u64 offset = iova & 0x7ff;
 ...
 }
