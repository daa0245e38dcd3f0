// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the channel program is unloaded, which sleeps, with sch->lock held
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_io_test io.reset_in_flight
// Kernel: 7.3 s390 lock
@@
identifier private;
@@
 fsm_unload(struct vfio_ccw_private *private)
 {
 ...
- spin_unlock_irq(...);
 vfio_ccw_program_unload(...);
- spin_lock_irq(...);
 ...
 }
