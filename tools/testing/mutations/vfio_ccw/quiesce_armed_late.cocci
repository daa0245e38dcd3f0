// SPDX-License-Identifier: GPL-2.0-only
// Mutation: quiesce initializes the completion after its interrupt may have come (on a machine without CANCEL SUBCHANNEL)
// File: drivers/s390/cio/vfio_ccw_sch.c
// Caught-by: ccw_life_test leave.remove.in_flight
@@
expression sch, tries, ret;
identifier interrupt;
@@
 vfio_ccw_sch_quiesce(..., struct completion *interrupt)
 {
 <...
- reinit_completion(interrupt);
- ret = cio_cancel_halt_clear(sch, &tries);
+ ret = tries-- && vfio_ccw_sch_clear(sch) ? -ENODEV : -EBUSY;
 ...
 spin_unlock_irq(...);
+ schedule_timeout_uninterruptible(2);
+ reinit_completion(interrupt);
 ...>
 }
