// SPDX-License-Identifier: GPL-2.0-only
// For trees whose subchannel has the private data: shutdown does not wait for a page fault.

# spatch --smpl-spacing

virtual patch

@@
identifier sch, private;
@@
 vfio_ccw_sch_shutdown(struct subchannel *sch)
 {
 ...
-	mutex_lock(&private->io_mutex);
-	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
	spin_lock_irq(sch->lock);
-	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	/* No start follows: io_mutex is not needed */
+	private->state = VFIO_CCW_STATE_NOT_OPER;
+	if (sch->schib.pmcw.ena)
+                vfio_ccw_sch_quiesce(sch);
	spin_unlock_irq(sch->lock);
-	mutex_unlock(&private->io_mutex);
 }

@@
@@
 fsm_disabled_irq(...)
 {
 ...
	cio_disable_subchannel(sch);
+	if (private->completion)
+                complete(private->completion);
 }
