// SPDX-License-Identifier: GPL-2.0-only
// A subchannel without a device is unregistered without an mdev too.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_sch_event(...)
 {
 <...
-	if (private)
-		vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	if (private)
+		vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	else
+		css_sched_sch_todo(sch, SCH_TODO_UNREG);
 ...>
 }
