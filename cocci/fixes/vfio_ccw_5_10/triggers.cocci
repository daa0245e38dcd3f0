// SPDX-License-Identifier: GPL-2.0-only
// For 5.10: io_mutex protects the eventfds, and close puts them.

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
expression list ES;
@@
 vfio_ccw_crw_todo(...)
 {
 ...
+	mutex_lock(&private->io_mutex);
	if (!list_empty(&private->crw) && private->crw_trigger)
		eventfd_signal(ES);
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
 static void vfio_ccw_mdev_release(struct mdev_device *mdev)
 {
 ...
	cp_free(&private->cp);
+	/* The next user must not signal the last one */
+	vfio_ccw_put_trigger(&private->io_trigger);
+	vfio_ccw_put_trigger(&private->crw_trigger);
	mutex_unlock(&private->io_mutex);
 ...
 }
