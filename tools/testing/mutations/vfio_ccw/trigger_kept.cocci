// SPDX-License-Identifier: GPL-2.0-only
// Mutation: close does not put the eventfd
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_life_test life.nothing_left_for_the_next_user
@@
identifier private;
@@
 vfio_ccw_mdev_close_device(...)
 {
 ...
- vfio_ccw_set_trigger(private, &private->io_trigger, NULL);
 ...
 }
