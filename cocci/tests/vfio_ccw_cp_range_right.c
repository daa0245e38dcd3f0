// SPDX-License-Identifier: GPL-2.0-only
// All of the range is checked already: nothing changes.
// spatch: fixes/vfio_ccw_cp_range.cocci patch,context,org,report
extern bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length);

bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
{
	return cp->pa && page_array_iova_pinned(cp->pa, iova, length);
}
