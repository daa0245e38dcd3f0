// SPDX-License-Identifier: GPL-2.0-only
// The user reads each status.

# spatch --smpl-spacing

virtual patch

@@
@@
 struct vfio_ccw_private {
 ...
 int nr_irbs;
+	/** @nr_handled: those of them that the user may read */
+	int nr_handled;
 ...
 };

@@
typedef bool;
@@
 struct vfio_ccw_crw {
 ...
 };
+
+bool vfio_ccw_next_irb(struct vfio_ccw_private *private, bool signal);

@todo@
expression list ES;
@@
 void vfio_ccw_sch_io_todo(struct work_struct *work)
 {
 ...
-	for (i = 0; i < private->nr_irbs; i++) {
+	for (i = private->nr_handled; i < private->nr_irbs; i++)
		cp_update_scsw(&private->cp, &private->irb[i].scsw);
-		memcpy(private->io_region->irb_area, &private->irb[i],
-		       sizeof(private->irb[i]));
-	}
-	news = private->nr_irbs;
-	private->nr_irbs = 0;
+	news = private->nr_irbs > private->nr_handled;
+	private->nr_handled = private->nr_irbs;
 ...
	if (news && private->io_trigger)
		eventfd_signal(ES);
	mutex_unlock(&private->io_mutex);
 }

// spatch 1.3.0 reads no new function within one
@@
expression list todo.ES;
@@
 void vfio_ccw_sch_io_todo(struct work_struct *work)
 {
 ...
 }
+
+/* Move the oldest status to the I/O region; whether there are more. */
+bool vfio_ccw_next_irb(struct vfio_ccw_private *private, bool signal)
+{
+	struct subchannel *sch = to_subchannel(private->vdev.dev->parent);
+	bool more = false;
+
+	spin_lock_irq(&sch->lock);
+	if (private->nr_handled) {
+		memcpy(private->io_region->irb_area, &private->irb[0],
+                       sizeof(private->irb[0]));
+		private->nr_irbs--;
+		memmove(&private->irb[0], &private->irb[1],
+                        private->nr_irbs * sizeof(private->irb[0]));
+		more = --private->nr_handled;
+	}
+	spin_unlock_irq(&sch->lock);
+	if (more && signal && private->io_trigger)
+		eventfd_signal(ES);
+	return more;
+}

@@
@@
 fsm_irq(...)
 {
 ...
	private->irb[private->nr_irbs - 1] = *irb;
+	if (private->nr_handled == private->nr_irbs)
+		private->nr_handled--;
 ...
 }

@@
@@
 fsm_close(...)
 {
 <...
	private->nr_irbs = 0;
+	private->nr_handled = 0;
 ...>
 }

@@
@@
 vfio_ccw_mdev_read_io_region(...)
 {
 ...
	mutex_lock(&private->io_mutex);
+	if (pos + count > offsetof(struct ccw_io_region, irb_area))
+		vfio_ccw_next_irb(private, true);
 ...
 }

@@
@@
 vfio_ccw_mdev_write_io_region(...)
 {
 ...
-	region = private->io_region;
+	/* A start drops what the user has not read */
+	while (vfio_ccw_next_irb(private, false))
+                cond_resched();
+	region = private->io_region;
 ...
 }
