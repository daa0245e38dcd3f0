// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: the end of a program is forgotten when the subchannel is quiet.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
+	private->cp_ended = false;
	private->state = VFIO_CCW_STATE_NOT_OPER;
 ...>
 }
