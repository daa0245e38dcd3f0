// SPDX-License-Identifier: GPL-2.0-only
// The user sees no address of the host in a status.

# spatch --smpl-spacing

virtual patch

@@
identifier scsw, cp;
expression E;
typedef u32;
@@
 void cp_update_scsw(struct channel_program *cp, union scsw *scsw)
 {
 ...
	dma32_t cpa = scsw->cmd.cpa;
+	dma32_t guest = 0;
 ...
-	u32 ccw_head;
+	u32 ccw_head;
+
+	/* An address that is not one of the program is one of the host */
+	scsw->cmd.cpa = 0;
 <...
-	cpa = E;
+	guest = E;
 ...>
-	scsw->cmd.cpa = cpa;
+	scsw->cmd.cpa = guest;
 }

@@
@@
 void vfio_ccw_sch_io_todo(...)
 {
 ...
-	if (scsw_is_solicited(&irb->scsw)) {
-		cp_update_scsw(&private->cp, &irb->scsw);
+	cp_update_scsw(&private->cp, &irb->scsw);
+	if (scsw_is_solicited(&irb->scsw)) {
		...
	}
 ...
 }
