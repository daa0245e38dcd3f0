// SPDX-License-Identifier: GPL-2.0-only
// spatch: fixes/vfio_ccw_crw.cocci patch,context,org,report
// Another list of another driver.
static ssize_t toy_read(struct vfio_ccw_private *private, struct toy_region *region)
{
	struct toy_report *crw;

	crw = list_first_entry_or_null(&private->reports, struct toy_report, next);
	if (crw)
		list_del(&crw->next);

	region->value = crw ? crw->value : 0;
	kfree(crw);

	if (!list_empty(&private->reports) && private->reports)
		eventfd_signal(private->reports);
	return sizeof(*region);
}
