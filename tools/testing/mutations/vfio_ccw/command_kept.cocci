// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the next user reads the last command of the previous one
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_life_test life.commands_of_the_last_user
@@
expression private;
@@
 vfio_ccw_mdev_open_device(...)
 {
 ...
- memset(&private->cmd_region, ...);
 ...
 }
