// SPDX-License-Identifier: GPL-2.0-only
// A shutdown does not wait for a page fault of the user.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_sch_shutdown(...)
 {
 ...
	spin_lock_irq(&sch->lock);
	private = vfio_ccw_get_private(sch);
+	if (private) {
+		get_device(&private->vdev.device);
+		/* No start follows: io_mutex is not needed */
+		private->state = VFIO_CCW_STATE_NOT_OPER;
+		if (sch->schib.pmcw.ena)
+			vfio_ccw_sch_quiesce(sch);
+	}
+	spin_unlock_irq(&sch->lock);
+	if (private)
+		vfio_put_device(&private->vdev);
-	if (private)
-		get_device(&private->vdev.device);
-	spin_unlock_irq(&sch->lock);
-	if (!private)
-		return;
-	mutex_lock(&private->io_mutex);
-	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
-	spin_lock_irq(&sch->lock);
-	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
-	spin_unlock_irq(&sch->lock);
-	mutex_unlock(&private->io_mutex);
-	vfio_put_device(&private->vdev);
 }

@@
@@
 fsm_disabled_irq(...)
 {
 ...
	cio_disable_subchannel(sch);
+	if (private->completion)
+		complete(private->completion);
 }
