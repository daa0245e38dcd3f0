// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: the next user does not see the commands and the status of the last one.

# spatch --smpl-spacing

virtual patch

@@
expression E;
@@
 vfio_ccw_mdev_open(...)
 {
 ...
+	memset(private->io_region, 0, sizeof(*private->io_region));
+	memset(private->cmd_region, 0, sizeof(*private->cmd_region));
	private->nb.notifier_call = E;
 ...
 }
