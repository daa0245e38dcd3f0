// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: statuses are forgotten when the subchannel is quiet.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
+	private->nr_irbs = 0;
	private->state = VFIO_CCW_STATE_NOT_OPER;
 ...>
 }
