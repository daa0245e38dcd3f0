// SPDX-License-Identifier: GPL-2.0-only
// spatch: fixes/vfio_ccw_cp_pinned.cocci patch,context,org,report
struct page_array {
	dma_addr_t *pa_iova;
	int pa_nr;
};

static bool toy_in_range(struct page_array *pa, u64 iova, u64 length)
{
	return pa->pa_nr && pa->pa_iova[0] - iova < length;
}

/* Whether the range overlaps a page of the program. */
bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
{
	return cp->initialized && toy_in_range(cp->pages, iova, length);
}
