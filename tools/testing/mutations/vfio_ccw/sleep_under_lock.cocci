// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the channel program is freed, which sleeps, with sch->lock held
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_io_test io.reset_in_flight
// Kernel: 7.3 s390 lock
@@
identifier private;
@@
 fsm_cp_free(struct vfio_ccw_private *private)
 {
 ...
- spin_unlock_irq(...);
 cp_free(...);
- spin_lock_irq(...);
 ...
 }
