// SPDX-License-Identifier: GPL-2.0-only
// Channel reports are queued for a user who reads them, and not without a limit.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_queue_crw(...)
 {
 ...
	unsigned long flags;
+
+	/* Without a user, nobody reads it */
+	if (private->state == VFIO_CCW_STATE_STANDBY ||
+            private->state == VFIO_CCW_STATE_NOT_OPER)
+                return;
 ...
+	if (list_count_nodes(&private->crw) == VFIO_CCW_CRWS) {
+		/* The last report says that others are lost, as in a machine */
+		kfree(crw);
+		crw = list_last_entry(&private->crw, struct vfio_ccw_crw, next);
+		crw->crw.oflw = 1;
+		spin_unlock_irqrestore(&private->crw_lock, flags);
+		return;
+	}
	list_add_tail(&crw->next, &private->crw);
 ...
 }

@@
@@
 struct vfio_ccw_crw {
 ...
 };
+
+/* Number of channel reports that are kept for the user */
+#define VFIO_CCW_CRWS	64

@@
iterator name list_for_each_entry_safe;
@@
 vfio_ccw_mdev_close_device(...)
 {
+	struct vfio_ccw_crw *crw;
+	struct vfio_ccw_crw *temp;
+	unsigned long flags;
 ...
	cancel_work_sync(&private->crw_work);
+	spin_lock_irqsave(&private->crw_lock, flags);
+	list_for_each_entry_safe(crw, temp, &private->crw, next) {
+		list_del(&crw->next);
+		kfree(crw);
+	}
+	spin_unlock_irqrestore(&private->crw_lock, flags);
 ...
 }
