// SPDX-License-Identifier: GPL-2.0-only
// Mutation: remove hides the private data from the callbacks while the user still needs interrupts
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_life_test leave.remove.while_open
@@
expression vdev;
identifier mdev;
@@
 vfio_ccw_mdev_remove(struct mdev_device *mdev)
 {
 ...
+ vfio_ccw_set_private(mdev, NULL);
 vfio_unregister_group_dev(vdev);
 ...
 }
