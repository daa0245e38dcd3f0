// SPDX-License-Identifier: GPL-2.0-only
// The schib region is read under the lock of the subchannel.

# spatch --smpl-spacing

virtual patch

@@
expression sch;
identifier region;
@@
 vfio_ccw_schib_region_read(...)
 {
 <...
+	spin_lock_irq(&sch->lock);
	if (cio_update_schib(sch)) {
+		spin_unlock_irq(&sch->lock);
		ret = -ENODEV;
		goto out;
	}
	memcpy(region, &sch->schib, sizeof(*region));
+	spin_unlock_irq(&sch->lock);
 ...>
 }
