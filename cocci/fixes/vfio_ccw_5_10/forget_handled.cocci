// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: the user does not read a status from before the subchannel was quiet.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
	private->nr_irbs = 0;
+	private->nr_handled = 0;
 ...>
 }
