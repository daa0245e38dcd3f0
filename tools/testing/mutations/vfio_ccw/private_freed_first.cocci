// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the last reference is put before the vfio device is unregistered
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_life_test life.create_and_remove
@@
identifier mdev, private;
@@
 vfio_ccw_mdev_remove(struct mdev_device *mdev)
 {
 ...
- vfio_unregister_group_dev(&private->vdev);
 vfio_ccw_set_private(mdev, NULL);
 vfio_ccw_fsm_removed(private);
 vfio_put_device(&private->vdev);
+ vfio_unregister_group_dev(&private->vdev);
 }
