// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the interrupt that a quiesce waits for does not complete it
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_life_test leave.remove.in_flight
@@
@@
 fsm_quiesce_irq(...)
 {
- complete(...);
 ...
 }
