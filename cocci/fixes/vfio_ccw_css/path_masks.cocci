// SPDX-License-Identifier: GPL-2.0-only
// Paths are varied without an mdev too.

# spatch --smpl-spacing

virtual patch

@@
identifier private, mask;
@@
 vfio_ccw_chp_event(...)
 {
 ...
-	if (!private || !mask)
+	if (!mask)
		return 0;
 ...
 }

@@
identifier private;
expression list ES;
@@
 vfio_ccw_chp_event(...)
 {
 <...
-	vfio_ccw_queue_crw(private, ES);
+	if (private)
+		vfio_ccw_queue_crw(private, ES);
 ...>
 }

@@
identifier sch;
@@
 vfio_ccw_sch_probe(struct subchannel *sch)
 {
 ... when any
	if (!parent)
		return -ENOMEM;
+
+	/* Paths may have been varied while no driver was bound */
+	spin_lock_irq(&sch->lock);
+	if (!cio_update_schib(sch)) {
+		sch->opm = chp_get_sch_opm(sch);
+		sch->lpm = sch->schib.pmcw.pam & sch->opm;
+	}
+	spin_unlock_irq(&sch->lock);
 ...
 }
