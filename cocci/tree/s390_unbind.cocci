// SPDX-License-Identifier: GPL-2.0-only
///
/// Let io_subchannel leave a subchannel of another driver alone.
///
/// "purge" in /proc/cio_ignore and a late call of sch_event take the driver data of every subchannel
/// for those of io_subchannel. Unbind lets the recognition of a device go on under the next driver:
/// with this change it ends it, and holds a reference on the ccw device meanwhile.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: io_subchannel, driver_data, cio_ignore
// Requires: 1.1.1
// File: drivers/s390/cio/device.c

# spatch --smpl-spacing

virtual patch
virtual context
virtual org
virtual report

@old@
position p;
symbol cdev, out_free;
@@
 io_subchannel_remove(...)
 {
 ...
	if (!cdev)
		goto@p out_free;
 ... when any
 }

// ---- "purge" in /proc/cio_ignore

@depends on patch && old@
expression L;
symbol sch, unlock;
@@
 purge_fn(struct subchannel *sch, ...)
 {
 ...
	spin_lock_irq(L);
+	if (sch->driver && sch->driver != &io_subchannel_driver)
+		goto unlock;
 ... when any
 }

// ---- evaluation

@depends on patch && old@
symbol sch, out_unlock;
@@
 io_subchannel_sch_event(...)
 {
 <...
-	if (!device_is_registered(&sch->dev))
+	/* css does not keep the driver bound while it calls this */
+	if (!device_is_registered(&sch->dev) || sch->driver != &io_subchannel_driver)
		goto out_unlock;
 ...>
 }

// ---- unbind

@depends on patch && old@
expression L;
symbol sch, cdev, out_free;
@@
 io_subchannel_remove(...)
 {
 ...
+	spin_lock_irq(L);
+	cdev = sch_get_cdev(sch);
+	if (cdev) {
+		get_device(&cdev->dev);
+		/* recognition can't go on under another driver */
+		if (cdev->private->state == DEV_STATE_SENSE_ID)
+			dev_fsm_event(cdev, DEV_EVENT_NOTOPER);
+		spin_unlock_irq(L);
+		ccw_device_unregister(cdev);
+		spin_lock_irq(L);
+	}
+	sch_set_cdev(sch, NULL);
+	set_io_private(sch, NULL);
+	spin_unlock_irq(L);
+	if (cdev)
+		put_device(&cdev->dev);
-	cdev = sch_get_cdev(sch);
-	if (!cdev)
-		goto out_free;
-	ccw_device_unregister(cdev);
-	spin_lock_irq(L);
-	sch_set_cdev(sch, NULL);
-	set_io_private(sch, NULL);
-	spin_unlock_irq(L);
-out_free:
 ... when any
 }

@depends on context && old@
position old.p;
symbol out_free;
@@
*	goto@p out_free;

@script:python depends on report@
p << old.p;
@@
coccilib.report.print_report(p[0],
    "the recognition of the ccw device goes on: end it under the lock of the subchannel")

@script:python depends on org@
p << old.p;
@@
coccilib.org.print_todo(p[0],
    "the recognition of the ccw device goes on: end it under the lock of the subchannel")
