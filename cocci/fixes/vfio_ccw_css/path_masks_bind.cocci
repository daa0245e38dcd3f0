// SPDX-License-Identifier: GPL-2.0-only
// A subchannel that is bound knows the paths that were varied before.

# spatch --smpl-spacing

virtual patch

@@
identifier sch, pmcw;
@@
 vfio_ccw_sch_probe(struct subchannel *sch)
 {
 ...
	if (pmcw->qf) {
 	...
	}
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
