// SPDX-License-Identifier: GPL-2.0-only
// A program on a path that is lost ends by an interrupt.

# spatch --smpl-spacing

virtual patch

@@
@@
+/*
+ * Clear a program that may use a lost path: the interrupt of a clear
+ * always comes, that of a cancelled start does not.
+ */
+static void vfio_ccw_path_lost(struct subchannel *sch,
+                               struct vfio_ccw_private *private)
+{
+	if (!private || private->state != VFIO_CCW_STATE_CP_PENDING ||
+            !scsw_actl(&sch->schib.scsw))
+                return;
+	if (!csch(sch->schid))
+		sch->schib.scsw.cmd.actl = SCSW_ACTL_CLEAR_PEND;
+}
+
 static int vfio_ccw_chp_event(struct subchannel *sch,
			       struct chp_link *link, int event)
 {
 ...
 }

@@
@@
 vfio_ccw_chp_event(...)
 {
 <...
-	cio_cancel_halt_clear(sch, &retry)
+	vfio_ccw_path_lost(sch, private)
 ...>
 }

@@
@@
 vfio_ccw_chp_event(...)
 {
 ...
-	int retry = 255;
 ...
 }
