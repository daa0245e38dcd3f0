// SPDX-License-Identifier: GPL-2.0-only
// Mutation: reset does not exclude a start or another reset
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_race_test race.reset_x_reset
// Kernel: 7.3 s390 lock
@@
@@
 vfio_ccw_mdev_ioctl(...)
 {
 <...
- mutex_lock(...);
 ret = vfio_ccw_reset(...);
- mutex_unlock(...);
 ...>
 }
