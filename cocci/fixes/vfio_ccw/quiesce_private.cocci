// SPDX-License-Identifier: GPL-2.0-only
// For trees whose subchannel has the private data: remove tries again to stop it.

# spatch --smpl-spacing

virtual patch

@@
identifier private, ret;
@@
 vfio_ccw_mdev_remove(struct mdev_device *mdev)
 {
	struct vfio_ccw_private *private = ...;
+	struct subchannel *sch = private->sch;
 ...
	vfio_unregister_group_dev(...);
+
+	/* It did not stop when the device was closed */
+	spin_lock_irq(sch->lock);
+	if (private->state == VFIO_CCW_STATE_NOT_OPER && sch->schib.pmcw.ena &&
+            !vfio_ccw_sch_quiesce(sch))
+                private->state = VFIO_CCW_STATE_STANDBY;
+	spin_unlock_irq(sch->lock);
 ...
 }
