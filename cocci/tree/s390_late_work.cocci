// SPDX-License-Identifier: GPL-2.0-only
///
/// Do no late work of io_subchannel on a subchannel that another driver has by now.
///
/// css recognizes a device and registers it as a ccw device on its work queue. If the subchannel is
/// unbound meanwhile, that work goes on: it takes the driver data of the next driver for its own
/// (32 bytes are overwritten by the operation request block, eight by the address of the ccw
/// device), and it registers a ccw device whose driver then uses the subchannel beside its owner.
/// With this change the work holds the lock under which drivers are bound and unbound, and ends if
/// the subchannel has another driver or another device by then. s390_unbind.cocci comes first.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: io_subchannel, driver_data, ccw_device_todo
// Requires: 1.1.1
// File: drivers/s390/cio/device.c

# spatch --smpl-spacing

virtual patch
virtual context
virtual org
virtual report

// the lock is a member or a pointer
@lock@
expression L;
symbol sch;
@@
	spin_lock_irq(L);
	css_sched_sch_todo(sch, SCH_TODO_UNREG);

@late@
position p;
@@
 ccw_device_todo(...)
 {
 <+...
	io_subchannel_register@p(...);
 ...+>
 }

@helper depends on patch && late@
typedef bool;
symbol sch;
expression lock.L;
@@
+/*
+ * Lock a subchannel for work on @cdev, which is NULL if the subchannel has no device. The driver
+ * core holds this lock while it binds and unbinds drivers. Return: false, unlocked, if another
+ * driver or another device has come meanwhile: then @cdev was unregistered.
+ */
+static bool io_subchannel_lock(struct subchannel *sch, struct ccw_device *cdev)
+{
+	bool orphan = sch_is_pseudo_sch(sch);
+
+	/* do not wait for the remove of another driver, which may wait for its user */
+	if (!orphan && READ_ONCE(sch->driver) != &io_subchannel_driver)
+		return false;
+	device_lock(&sch->dev);
+	if (orphan || (sch->driver == &io_subchannel_driver && sch_get_cdev(sch) == cdev))
+		return true;
+	device_unlock(&sch->dev);
+	return false;
+}
+
+/* Unregister a subchannel from the work queue: the caller holds the lock of its device. */
+static void io_subchannel_sched_unreg(struct subchannel *sch)
+{
+	spin_lock_irq(L);
+	css_sched_sch_todo(sch, SCH_TODO_UNREG);
+	spin_unlock_irq(L);
+}
+
 static void sch_create_and_recog_new_device(...)
 { ... }

@depends on helper@
symbol sch;
@@
 sch_create_and_recog_new_device(...)
 {
 <...
-	css_sch_device_unregister
+	io_subchannel_sched_unreg
	(sch);
 ...>
 }

// ---- evaluation

@depends on helper@
symbol sch, cdev, process, out;
@@
 io_subchannel_sch_event(...)
 {
 <...
	if (!process)
		goto out;
+	if (!io_subchannel_lock(sch, cdev))
+		goto out;
 ...>
 }

@depends on helper@
symbol rc, sch, cdev, out, out_device, out_unlock;
@@
 io_subchannel_sch_event(...)
 {
 <...
(
	rc = ccw_device_move_to_orph(cdev);
	if (rc)
-		goto out;
+		goto out_device;
|
-	css_sch_device_unregister
+	io_subchannel_sched_unreg
	(sch);
|
	put_device(&cdev->dev);
-	goto out;
+	goto out_device;
|
-	return 0;
+	rc = 0;
+out_device:
+	device_unlock(&sch->dev);
+	return rc;
)
 ...>
 }

// ---- the work item of a ccw device

@todo depends on helper@
@@
+/* If the subchannel was unbound, the end of the recognition is all that is left to tell. */
+static void ccw_device_todo_register(struct subchannel *sch, struct ccw_device *cdev)
+{
+	if (io_subchannel_lock(sch, cdev)) {
+		io_subchannel_register(cdev);
+		device_unlock(&sch->dev);
+		return;
+	}
+	if (!cdev->private->flags.recog_done && atomic_dec_and_test(&ccw_device_init_count))
+		wake_up(&ccw_device_init_wq);
+}
+
 static void ccw_device_todo(...)
 { ... }

@depends on todo@
symbol sch, cdev;
@@
 ccw_device_todo(...)
 {
 <...
-	io_subchannel_register(cdev);
+	ccw_device_todo_register(sch, cdev);
 ...>
 }

@depends on helper@
expression L;
symbol sch, cdev;
@@
 ccw_device_todo(...)
 {
 <...
+	if (!io_subchannel_lock(sch, cdev))
+		break;
	spin_lock_irq(L);
	sch_set_cdev(sch, NULL);
	spin_unlock_irq(L);
	ccw_device_unregister(cdev);
+	device_unlock(&sch->dev);
 ...>
 }

@depends on context && late@
position late.p;
expression E;
@@
*	io_subchannel_register@p(E)

@script:python depends on report@
p << late.p;
@@
coccilib.report.print_report(p[0],
    "the subchannel may have another driver by now: lock its device and look")

@script:python depends on org@
p << late.p;
@@
coccilib.org.print_todo(p[0],
    "the subchannel may have another driver by now: lock its device and look")
