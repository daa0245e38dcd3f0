// SPDX-License-Identifier: GPL-2.0-only
// Callbacks do not use memory of an mdev or of a parent that is being freed.

# spatch --smpl-spacing

virtual patch

@@
identifier parent, sch;
@@
 vfio_ccw_get_private(struct subchannel *sch)
 {
 ...
-	return dev_get_drvdata(&parent->dev);
+	return parent ? dev_get_drvdata(&parent->dev) : NULL;
 }

@@
identifier sch, parent;
@@
 vfio_ccw_sch_remove(struct subchannel *sch)
 {
 ...
	mdev_unregister_parent(...);
+	/* Callbacks hold this lock: none uses the parent any more */
+	spin_lock_irq(&sch->lock);
+	dev_set_drvdata(&sch->dev, NULL);
+	spin_unlock_irq(&sch->lock);
 ...
	device_unregister(&parent->dev);
-	dev_set_drvdata(&sch->dev, NULL);
 ...
 }

@@
identifier sch;
@@
 vfio_ccw_sch_shutdown(struct subchannel *sch)
 {
 ...
	private = vfio_ccw_get_private(sch);
+	if (private)
+		get_device(&private->vdev.device);
	spin_unlock_irq(&sch->lock);
 ... when any
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	vfio_put_device(&private->vdev);
 }

@@
identifier mdev;
@@
 vfio_ccw_mdev_probe(struct mdev_device *mdev)
 {
 <...
 err_put_vdev:
+	spin_lock_irq(&sch->lock);
	dev_set_drvdata(&parent->dev, NULL);
+	spin_unlock_irq(&sch->lock);
 ...>
 }

@@
identifier mdev;
@@
 vfio_ccw_mdev_remove(struct mdev_device *mdev)
 {
 ...
	vfio_unregister_group_dev(...);
-	dev_set_drvdata(&parent->dev, NULL);
+	/* Callbacks hold this lock: none uses @private any more */
+	spin_lock_irq(&sch->lock);
+	dev_set_drvdata(&parent->dev, NULL);
+	spin_unlock_irq(&sch->lock);
 ...
 }
