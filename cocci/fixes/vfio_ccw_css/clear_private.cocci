// SPDX-License-Identifier: GPL-2.0-only
// For trees whose subchannel has the private data: callbacks do not use them after unbind.

# spatch --smpl-spacing

virtual patch

@@
identifier sch, private;
@@
 vfio_ccw_sch_remove(struct subchannel *sch)
 {
 <...
+	/* Callbacks hold this lock: none uses @private any more */
+	spin_lock_irq(sch->lock);
	dev_set_drvdata(&sch->dev, NULL);
+	spin_unlock_irq(sch->lock);
 ...>
 }

@@
identifier sch, private;
@@
 vfio_ccw_sch_irq(struct subchannel *sch)
 {
	struct vfio_ccw_private *private = dev_get_drvdata(&sch->dev);
+
+	if (!private) {
+                cio_disable_subchannel(sch);
+		return;
+	}
 ...
 }

@@
identifier sch, private;
@@
 vfio_ccw_sch_event(struct subchannel *sch, ...)
 {
-	struct vfio_ccw_private *private = dev_get_drvdata(&sch->dev);
+	struct vfio_ccw_private *private;
 ...
	spin_lock_irqsave(sch->lock, ...);
+	private = dev_get_drvdata(&sch->dev);
 ...
-	if (cio_update_schib(sch))
+	if (cio_update_schib(sch) && private)
		vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
 ...
 }
