// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a status that the user has not read is replaced by the next one
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_cp_test cp.the_end_of_a_program_and_of_a_halt
@@
identifier private;
@@
 fsm_add_irb(struct vfio_ccw_private *private, ...)
 {
 ...
- private->irb[private->num_irbs++] = *irb;
+ private->num_irbs = 1;
+ private->irb[0] = *irb;
 }
