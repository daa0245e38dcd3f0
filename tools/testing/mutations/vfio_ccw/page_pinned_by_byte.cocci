// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a page is pinned by the address of a byte in it
// File: drivers/s390/cio/vfio_ccw_mem.c
// Caught-by: ccw_cp_test hostile.unmap_after_a_clear
@@
typedef u64;
expression E, D, N, P;
@@
 vfio_pin_pages(E,
- D + (u64)done * PAGE_SIZE
+ D + (u64)done * PAGE_SIZE + 16
 , N, IOMMU_READ | IOMMU_WRITE, P)
