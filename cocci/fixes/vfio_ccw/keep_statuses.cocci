// SPDX-License-Identifier: GPL-2.0-only
// A status does not replace another one that has not been handled.

# spatch --smpl-spacing

virtual patch

@@
@@
 struct vfio_ccw_private {
 ...
-	struct irb irb;
+	struct irb irb[4];
+	/** @nr_irbs: entries of @irb, under the subchannel's lock */
+	int nr_irbs;
 ...
 };

@@
expression list ES;
@@
 void vfio_ccw_sch_io_todo(struct work_struct *work)
 {
	struct vfio_ccw_private *private;
-	... when any
-	if (private->io_trigger)
-		eventfd_signal(ES);
+	struct subchannel *sch;
+	bool ended;
+	bool news;
+	int i;
+
+	private = container_of(work, struct vfio_ccw_private, io_work);
+	sch = to_subchannel(private->vdev.dev->parent);
+
+	mutex_lock(&private->io_mutex);
+	spin_lock_irq(&sch->lock);
+	for (i = 0; i < private->nr_irbs; i++) {
+		cp_update_scsw(&private->cp, &private->irb[i].scsw);
+		memcpy(private->io_region->irb_area, &private->irb[i],
+                       sizeof(private->irb[i]));
+	}
+	news = private->nr_irbs;
+	private->nr_irbs = 0;
+	ended = private->cp_ended;
+	private->cp_ended = false;
+	if (ended && private->state == VFIO_CCW_STATE_CP_PENDING)
+		private->state = VFIO_CCW_STATE_IDLE;
+	spin_unlock_irq(&sch->lock);
+
+	if (ended)
+		cp_free(&private->cp);
+	if (news && private->io_trigger)
+		eventfd_signal(ES);
+	mutex_unlock(&private->io_mutex);
 }

@@
@@
 fsm_irq(...)
 {
 ...
-	memcpy(&private->irb, irb, sizeof(*irb));
+	/* the last entry is for what comes while io_work waits */
+	if (private->nr_irbs < ARRAY_SIZE(private->irb))
+                private->nr_irbs++;
+	private->irb[private->nr_irbs - 1] = *irb;
 ...
 }

@@
@@
 fsm_close(...)
 {
 <...
+	private->nr_irbs = 0;
	private->state = VFIO_CCW_STATE_STANDBY;
 ...>
 }
