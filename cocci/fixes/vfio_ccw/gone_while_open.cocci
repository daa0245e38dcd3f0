// SPDX-License-Identifier: GPL-2.0-only
// css does not wait for the user of a device that has vanished.

# spatch --smpl-spacing

virtual patch

@@
typedef bool;
@@
 struct vfio_ccw_private {
 ...
 int state;
+	/** @gone: close unregisters the subchannel */
+	bool gone;
 ...
 };

@@
@@
 fsm_notoper(...)
 {
 <...
-	css_sched_sch_todo(sch, SCH_TODO_UNREG);
+	/* css would wait for the user: ask, and leave it to close */
+	private->gone = private->state != VFIO_CCW_STATE_STANDBY;
+	if (private->gone)
+		queue_work(vfio_ccw_work_q, &private->crw_work);
+	else
+		css_sched_sch_todo(sch, SCH_TODO_UNREG);
 ...>
 }

@@
@@
 vfio_ccw_crw_todo(...)
 {
 ...
+	if (private->gone)
+                private->vdev.ops->request(&private->vdev, 0);
 }

@@
identifier vdev;
@@
 vfio_ccw_mdev_close_device(struct vfio_device *vdev)
 {
+	struct subchannel *sch = to_subchannel(vdev->dev->parent);
 ...
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_CLOSE);
	mutex_unlock(&private->io_mutex);
 ... when any
	vfio_ccw_put_trigger(&private->req_trigger);
	mutex_unlock(&private->io_mutex);
+
+	if (!private->gone)
+		return;
+	private->gone = false;
+	spin_lock_irq(&sch->lock);
+	css_sched_sch_todo(sch, SCH_TODO_UNREG);
+	spin_unlock_irq(&sch->lock);
 }

@@
@@
 vfio_ccw_sch_remove(...)
 {
 ...
	mdev_unregister_parent(...);
+	/* There may be another device now, and css does not skip it */
+	css_schedule_reprobe();
 ...
 }
