// SPDX-License-Identifier: GPL-2.0-only
// A subchannel that does not stop is kept.

# spatch --smpl-spacing

virtual patch

@@
expression list ES;
@@
 vfio_ccw_sch_quiesce(...)
 {
+	unsigned long end = jiffies + 30 * HZ;
 <...
-	if (ret == -EIO) {
+	if (ret == -EIO || (ret != -ENODEV && time_after(jiffies, end))) {
		pr_err(ES);
+		ret = -EIO;
		break;
	}
 ...>
 }

@@
@@
 fsm_close(...)
 {
 <...
	if (ret == -EBUSY)
		ret = vfio_ccw_sch_quiesce(sch);
+	if (ret == -EIO) {
+		/* The device is there: css must not unregister it */
+		private->state = VFIO_CCW_STATE_NOT_OPER;
+		spin_unlock_irq(&sch->lock);
+		cp_free(&private->cp);
+		return;
+	}
 ...>
 }

@@
@@
 vfio_ccw_mdev_remove(...)
 {
 <...
-	spin_lock_irq(&sch->lock);
+	spin_lock_irq(&sch->lock);
+	/* It did not stop when the device was closed */
+	if (private->state == VFIO_CCW_STATE_NOT_OPER && sch->schib.pmcw.ena)
+		vfio_ccw_sch_quiesce(sch);
	dev_set_drvdata(&parent->dev, NULL);
 ...>
 }
