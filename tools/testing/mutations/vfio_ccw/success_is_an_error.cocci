// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a close that succeeded is handled as an error
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_life_test life.open_and_close
@@
@@
 fsm_close(...)
 {
 <...
- ret = fsm_stop(private);
+ ret = fsm_stop(private) ? 0 : -EIO;
 ...>
 }
