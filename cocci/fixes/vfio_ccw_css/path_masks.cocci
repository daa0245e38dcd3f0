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
