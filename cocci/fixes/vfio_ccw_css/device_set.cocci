// SPDX-License-Identifier: GPL-2.0-only
// A failed allocation of the device set fails the create.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_mdev_init_dev(...)
 {
	struct vfio_ccw_private *private = ...;
+	int ret;
+
+	/* vfio would do it later, and ignore the error */
+	ret = vfio_assign_device_set(vdev, vdev);
+	if (ret)
+		return ret;
 ...
 }
