// SPDX-License-Identifier: GPL-2.0-only
// css callbacks look up the private data in one place, under the lock of the subchannel.

# spatch --smpl-spacing

virtual patch

@@
identifier sch;
@@
+static struct vfio_ccw_private *
+vfio_ccw_get_private(struct subchannel *sch)
+{
+	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);
+
+	lockdep_assert_held(&sch->lock);
+	return dev_get_drvdata(&parent->dev);
+}
+
 static void vfio_ccw_sch_irq(struct subchannel *sch)
 {
-	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);
-	struct vfio_ccw_private *private = dev_get_drvdata(&parent->dev);
+	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);
 ...
 }

@@
identifier sch;
@@
 vfio_ccw_chp_event(struct subchannel *sch, ...)
 {
-	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);
-	struct vfio_ccw_private *private = dev_get_drvdata(&parent->dev);
+	struct vfio_ccw_private *private = vfio_ccw_get_private(sch);
 ...
 }

@@
identifier sch, process;
@@
 vfio_ccw_sch_event(struct subchannel *sch, int process)
 {
-	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);
-	struct vfio_ccw_private *private = dev_get_drvdata(&parent->dev);
+	struct vfio_ccw_private *private;
 ...
	spin_lock_irqsave(&sch->lock, flags);
+	private = vfio_ccw_get_private(sch);
 ...
 }

@@
identifier sch;
@@
 vfio_ccw_sch_shutdown(struct subchannel *sch)
 {
-	struct vfio_ccw_parent *parent = dev_get_drvdata(&sch->dev);
-	struct vfio_ccw_private *private = dev_get_drvdata(&parent->dev);
+	struct vfio_ccw_private *private;
+
+	spin_lock_irq(&sch->lock);
+	private = vfio_ccw_get_private(sch);
+	spin_unlock_irq(&sch->lock);
 ...
 }
