// SPDX-License-Identifier: GPL-2.0-only
// Trees that always poll the clock have one function: nothing changes.
// spatch: tree/s390_udelay.cocci patch,context,org,report
static void __udelay(unsigned long usecs)
{
	udelay_simple(usecs);
}
