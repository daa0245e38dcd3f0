// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a shutdown waits for io_mutex, which is held over a page fault of the user
// File: drivers/s390/cio/vfio_ccw_drv.c
// Caught-by: ccw_reboot fault
@@
identifier private, sch;
@@
 vfio_ccw_sch_shutdown(struct subchannel *sch)
 {
	struct vfio_ccw_private *private;
+	spin_lock_irq(&sch->lock);
+	private = vfio_ccw_get_private(sch);
+	spin_unlock_irq(&sch->lock);
+	if (private) {
+		mutex_lock(&private->io_mutex);
+		mutex_unlock(&private->io_mutex);
+		vfio_ccw_put_private(private);
+	}
 ...
 }
