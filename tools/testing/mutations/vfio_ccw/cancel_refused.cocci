// SPDX-License-Identifier: GPL-2.0-only
// Mutation: no bug, but a machine without CANCEL SUBCHANNEL: quiesce must clear and wait for the interrupt
// File: drivers/s390/cio/vfio_ccw_sch.c
// Passes: ccw_life_test leave.remove.in_flight
@@
expression sch, tries;
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
- cio_cancel_halt_clear(sch, &tries)
+ (tries-- && vfio_ccw_sch_clear(sch) ? -ENODEV : -EBUSY)
 ...>
 }
