// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the interrupt handler does not put its reference
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_life_test leave.remove.while_open
@@
identifier private;
@@
 vfio_ccw_sch_irq(...)
 {
 ...
- vfio_ccw_put_private(private);
 }
