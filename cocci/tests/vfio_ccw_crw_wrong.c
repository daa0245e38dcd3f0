// SPDX-License-Identifier: GPL-2.0-only
// spatch: fixes/vfio_ccw_crw.cocci patch,context,org,report
static ssize_t toy_read(struct vfio_ccw_private *private, struct toy_region *region)
{
	struct vfio_ccw_crw *crw;

	crw = list_first_entry_or_null(&private->crw, struct vfio_ccw_crw, next);
	if (crw)
		list_del(&crw->next);

	region->value = crw ? crw->value : 0;
	kfree(crw);

	if (!list_empty(&private->crw) && private->crw_trigger)
		eventfd_signal(private->crw_trigger);
	return sizeof(*region);
}
