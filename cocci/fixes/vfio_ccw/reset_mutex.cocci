// SPDX-License-Identifier: GPL-2.0-only
// Reset, open, close and unmap exclude starts and each other.

# spatch --smpl-spacing

virtual patch

@@
@@
 vfio_ccw_mdev_reset(...)
 {
+	lockdep_assert_held(&private->io_mutex);
 ...
 }

@@
expression list ES;
@@
 vfio_ccw_dma_unmap(...)
 {
 ...
-	if (!cp_iova_pinned(ES))
-		return;
-	vfio_ccw_mdev_reset(private);
+	mutex_lock(&private->io_mutex);
+	if (cp_iova_pinned(ES))
+		vfio_ccw_mdev_reset(private);
+	mutex_unlock(&private->io_mutex);
 }

@@
@@
 vfio_ccw_mdev_open_device(...)
 {
 <...
+	mutex_lock(&private->io_mutex);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_OPEN);
+	mutex_unlock(&private->io_mutex);
 ...>
 }

@@
@@
 vfio_ccw_mdev_close_device(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
+	mutex_unlock(&private->io_mutex);
 ...
 }

@@
@@
 vfio_ccw_mdev_ioctl(...)
 {
 <...
-		return vfio_ccw_mdev_reset(private);
+		mutex_lock(&private->io_mutex);
+		ret = vfio_ccw_mdev_reset(private);
+		mutex_unlock(&private->io_mutex);
+		return ret;
 ...>
 }

@@
@@
 vfio_ccw_sch_shutdown(...)
 {
 <...
+	mutex_lock(&private->io_mutex);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	mutex_unlock(&private->io_mutex);
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

@@
@@
 fsm_close(...)
 {
 <...
-	mutex_lock(&private->io_mutex);
	cp_free(&private->cp);
-	mutex_unlock(&private->io_mutex);
 ...>
 }

@@
@@
 cp_iova_pinned(...)
 {
 <...
-	mutex_lock(&private->io_mutex);
+	lockdep_assert_held(&private->io_mutex);
 ...>
 }

@@
expression E;
@@
 cp_iova_pinned(...)
 {
 <...
-	if (E) {
-		mutex_unlock(&private->io_mutex);
-		return true;
-	}
+	if (E)
+		return true;
 ...>
 }

@@
@@
 cp_iova_pinned(...)
 {
 <...
-	mutex_unlock(&private->io_mutex);
 ...>
 }
