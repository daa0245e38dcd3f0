// SPDX-License-Identifier: GPL-2.0-only
// Only the first page of the range is checked.
// spatch: fixes/vfio_ccw_cp_range.cocci patch,context,org,report
struct channel_program;
extern bool cp_iova_pinned(struct channel_program *cp, u64 iova);

struct pfn_array {
	unsigned long *pa_iova_pfn;
	int pa_nr;
};

static bool pfn_array_iova_pinned(struct pfn_array *pa, unsigned long iova)
{
	unsigned long iova_pfn = iova >> PAGE_SHIFT;
	int i;

	for (i = 0; i < pa->pa_nr; i++)
		if (pa->pa_iova_pfn[i] == iova_pfn)
			return true;

	return false;
}

/**
 * cp_iova_pinned() - is it pinned
 * @cp: the program
 * @iova: the address
 */
bool cp_iova_pinned(struct channel_program *cp, u64 iova)
{
	return cp->pa && pfn_array_iova_pinned(cp->pa, iova);
}
