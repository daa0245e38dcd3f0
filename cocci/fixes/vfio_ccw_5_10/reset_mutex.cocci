// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: reset, close, remove and unmap exclude starts and each other.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_mdev_reset(...)
 {
 ...
	sch = private->sch;
+	lockdep_assert_held(&private->io_mutex);
 ...
	ret = vfio_ccw_sch_quiesce(sch);
+	cp_free(&private->cp);
 ...
 }

@@
expression list ES;
@@
 vfio_ccw_mdev_notifier(...)
 {
	struct vfio_ccw_private *private = ...;
+	int ret = NOTIFY_OK;
 <...
-		if (!cp_iova_pinned(ES))
-			return NOTIFY_OK;
-		if (vfio_ccw_mdev_reset(private->mdev))
-			return NOTIFY_BAD;
-		cp_free(&private->cp);
-		return NOTIFY_OK;
+		mutex_lock(&private->io_mutex);
+		if (cp_iova_pinned(ES) && vfio_ccw_mdev_reset(private->mdev))
+			ret = NOTIFY_BAD;
+		mutex_unlock(&private->io_mutex);
+		return ret;
 ...>
 }

@@
@@
 vfio_ccw_mdev_remove(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	if ((private->state != VFIO_CCW_STATE_NOT_OPER) && ...) {
 	...
	}
	cp_free(&private->cp);
+	mutex_unlock(&private->io_mutex);
 ...
 }

@@
@@
 vfio_ccw_mdev_release(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	if ((private->state != VFIO_CCW_STATE_NOT_OPER) && ...) {
 	...
	}
	cp_free(&private->cp);
+	mutex_unlock(&private->io_mutex);
 ...
 }

@@
@@
 vfio_ccw_mdev_ioctl(struct mdev_device *mdev, ...)
 {
+	struct vfio_ccw_private *private =
+                dev_get_drvdata(mdev_parent_dev(mdev));
 <...
-		return vfio_ccw_mdev_reset(mdev);
+		mutex_lock(&private->io_mutex);
+		ret = vfio_ccw_mdev_reset(mdev);
+		mutex_unlock(&private->io_mutex);
+		return ret;
 ...>
 }

@@
@@
 vfio_ccw_sch_quiesce(...)
 {
 <...
-	flush_workqueue(vfio_ccw_work_q);
 ...>
 }
