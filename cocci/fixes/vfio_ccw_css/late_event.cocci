// SPDX-License-Identifier: GPL-2.0-only
// A late event of css leaves a subchannel of another driver alone.

# spatch --smpl-spacing

virtual patch

@@
@@
+static struct css_driver vfio_ccw_sch_driver;
+
 static int vfio_ccw_sch_event(struct subchannel *sch, int process)
 {
 ...
-	spin_lock_irqsave(&sch->lock, flags);
+	spin_lock_irqsave(&sch->lock, flags);
+	/* css does not exclude unbind: call the driver that it has now */
+	if (sch->driver != &vfio_ccw_sch_driver)
+		goto out_unlock;
 ...
 }
