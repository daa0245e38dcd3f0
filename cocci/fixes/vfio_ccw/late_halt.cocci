// SPDX-License-Identifier: GPL-2.0-only
// The interrupt decides whether it ends the channel program.

# spatch --smpl-spacing

virtual patch

@@
@@
 struct vfio_ccw_private {
 ...
	struct irb irb;
+	/** @cp_ended: the program has ended, under the subchannel's lock */
+	bool cp_ended;
 ...
 };

@@
expression E;
@@
 void vfio_ccw_sch_io_todo(...)
 {
 ...
-	bool is_final;
 ...
-	is_final = E;
 <...
-	if (scsw_is_solicited(&irb->scsw)) {
-		if (is_final && private->state == VFIO_CCW_STATE_CP_PENDING) {
-			cp_free(&private->cp);
-			cp_is_finished = true;
-		}
-	}
+	if (private->cp_ended) {
+		private->cp_ended = false;
+		cp_free(&private->cp);
+		cp_is_finished = true;
+	}
 ...>
 }

@@
@@
+/* Later, another program may have been started */
+static bool fsm_ends_cp(struct vfio_ccw_private *private,
+                        struct irb *irb)
+{
+	bool active = scsw_actl(&irb->scsw) &
+                      (SCSW_ACTL_DEVACT | SCSW_ACTL_SCHACT);
+
+	return private->state == VFIO_CCW_STATE_CP_PENDING && !active &&
+               scsw_is_solicited(&irb->scsw);
+}
+
 static void fsm_irq(struct vfio_ccw_private *private,
		     enum vfio_ccw_event event)
 {
 ...
	memcpy(&private->irb, irb, sizeof(*irb));
+	if (fsm_ends_cp(private, irb))
+		private->cp_ended = true;
 ...
 }

@@
@@
 fsm_close(...)
 {
 <...
+	private->cp_ended = false;
	private->state = VFIO_CCW_STATE_STANDBY;
 ...>
 }
