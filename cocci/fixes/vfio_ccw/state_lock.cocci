// SPDX-License-Identifier: GPL-2.0-only
// No transition leaves NOT_OPER, and css is called under the subchannel's lock.

# spatch --smpl-spacing

virtual patch

@@
@@
+/* css may have set NOT_OPER meanwhile: stay there */
+static void fsm_set_state(struct vfio_ccw_private *private,
+                          enum vfio_ccw_state state)
+{
+	struct subchannel *sch = to_subchannel(private->vdev.dev->parent);
+
+	spin_lock_irq(&sch->lock);
+	if (private->state != VFIO_CCW_STATE_NOT_OPER)
+		private->state = state;
+	spin_unlock_irq(&sch->lock);
+}
+
 static int fsm_io_helper(struct vfio_ccw_private *private)
 {
 ...
 }

@@
@@
 fsm_io_helper(...)
 {
 <...
+	if (private->state == VFIO_CCW_STATE_NOT_OPER) {
+		ret = -ENODEV;
+		goto out;
+	}
	orb = cp_get_orb(...);
 ...>
 }

@@
@@
 fsm_io_request(...)
 {
 <...
-	private->state = VFIO_CCW_STATE_CP_PROCESSING;
+	fsm_set_state(private, VFIO_CCW_STATE_CP_PROCESSING);
 ...>
 }

@@
@@
 fsm_io_request(...)
 {
 <...
-	private->state = VFIO_CCW_STATE_IDLE;
+	fsm_set_state(private, VFIO_CCW_STATE_IDLE);
 ...>
 }
