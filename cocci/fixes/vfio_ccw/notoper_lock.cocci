// SPDX-License-Identifier: GPL-2.0-only
// css_sched_sch_todo() is called under the lock of the subchannel.

# spatch --smpl-spacing

virtual patch

@@
@@
 fsm_notoper(...)
 {
 ...
+	lockdep_assert_held(&sch->lock);
	css_sched_sch_todo(sch, SCH_TODO_UNREG);
 ...
 }

@@
@@
 fsm_open(...)
 {
 <...
 err_unlock:
-	spin_unlock_irq(&sch->lock);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	spin_unlock_irq(&sch->lock);
 ...>
 }

@@
@@
 fsm_close(...)
 {
 <...
 err_unlock:
-	spin_unlock_irq(&sch->lock);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	spin_unlock_irq(&sch->lock);
 ...>
 }

@@
@@
 vfio_ccw_sch_shutdown(...)
 {
 <...
+	spin_lock_irq(&sch->lock);
	vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_NOT_OPER);
+	spin_unlock_irq(&sch->lock);
 ...>
 }
