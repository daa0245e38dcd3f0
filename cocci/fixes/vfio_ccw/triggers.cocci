// SPDX-License-Identifier: GPL-2.0-only
// io_mutex protects the eventfds, and close puts them.

# spatch --smpl-spacing

virtual patch

@@
expression list ES;
@@
 vfio_ccw_mdev_ioctl(...)
 {
 <...
-		return vfio_ccw_mdev_set_irqs(ES);
+		mutex_lock(&private->io_mutex);
+		ret = vfio_ccw_mdev_set_irqs(ES);
+		mutex_unlock(&private->io_mutex);
+		return ret;
 ...>
 }

@@
@@
 vfio_ccw_mdev_request(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	if (private->req_trigger) {
	...
	} else if (count == 0) {
	...
	}
+	mutex_unlock(&private->io_mutex);
 }

@@
@@
 vfio_ccw_crw_todo(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	spin_lock_irqsave(...);
 ...
	spin_unlock_irqrestore(...);
+	mutex_unlock(&private->io_mutex);
 }

@@
@@
+static void vfio_ccw_put_trigger(struct eventfd_ctx **trigger)
+{
+	if (*trigger)
+		eventfd_ctx_put(*trigger);
+	*trigger = NULL;
+}
+
 static void vfio_ccw_mdev_close_device(struct vfio_device *vdev)
 {
 ...
	vfio_ccw_unregister_dev_regions(private);
+
+	/* The next user must not signal the last one */
+	mutex_lock(&private->io_mutex);
+	vfio_ccw_put_trigger(&private->io_trigger);
+	vfio_ccw_put_trigger(&private->crw_trigger);
+	vfio_ccw_put_trigger(&private->req_trigger);
+	mutex_unlock(&private->io_mutex);
 }
