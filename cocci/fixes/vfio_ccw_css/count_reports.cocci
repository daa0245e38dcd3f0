// SPDX-License-Identifier: GPL-2.0-only
// For trees without list_count_nodes(): the number of channel reports.

# spatch --smpl-spacing

virtual patch

@@
iterator name list_for_each;
@@
+static unsigned int vfio_ccw_nr_crws(struct vfio_ccw_private *private)
+{
+	struct list_head *entry;
+	unsigned int nr = 0;
+
+	list_for_each(entry, &private->crw)
+		nr++;
+	return nr;
+}
+
 static void vfio_ccw_queue_crw(...)
 {
 ...
 }
