// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/s390_udelay.cocci patch,context,org,report
static void __udelay_disabled(unsigned long long usecs)
{
	u64 end = get_tod_clock() + (usecs << 12);

	set_clock_comparator(end);
	enabled_for_the_clock_alone();
}

static void __udelay_enabled(unsigned long long usecs)
{
	enabled_wait();
}
