// SPDX-License-Identifier: GPL-2.0-only
// The next user does not see the commands and the status of the last one.

# spatch --smpl-spacing

virtual patch

@@
identifier private;
@@
 vfio_ccw_mdev_open_device(...)
 {
 ...
	if (private->state == VFIO_CCW_STATE_NOT_OPER)
		return -EINVAL;
+
+	memset(private->io_region, 0, sizeof(*private->io_region));
+	memset(private->cmd_region, 0, sizeof(*private->cmd_region));
 ...
 }
