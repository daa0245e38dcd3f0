// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/s390_css_scan.cocci patch,context,org,report
static int slow_eval_unknown_fn(struct subchannel_id schid, void *data)
{
	int rc = 0;

	if (idset_sch_contains(slow_subchannel_set, schid))
		rc = css_evaluate_new_subchannel(schid, 1);
	cond_resched();
	return rc;
}
