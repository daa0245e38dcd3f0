// SPDX-License-Identifier: GPL-2.0-only
// spatch: fixes/vfio_ccw_crw.cocci patch,context,org,report
static ssize_t toy_read(struct vfio_ccw_private *private, struct toy_region *region)
{
	struct vfio_ccw_crw *crw;
	unsigned long flags;

	spin_lock_irqsave(&private->crw_lock, flags);
	crw = list_first_entry_or_null(&private->crw, struct vfio_ccw_crw, next);
	if (crw)
		list_del(&crw->next);
	spin_unlock_irqrestore(&private->crw_lock, flags);

	region->value = crw ? crw->value : 0;
	kfree(crw);
	return sizeof(*region);
}
