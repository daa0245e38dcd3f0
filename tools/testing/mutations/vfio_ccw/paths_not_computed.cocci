// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the path masks do not follow the paths that are varied off
// File: drivers/s390/cio/vfio_ccw_sch.c
// Caught-by: ccw_event_test path.varied_without_mdev
@@
identifier sch;
@@
 vfio_ccw_sch_update_paths(struct subchannel *sch)
 {
 ...
- sch->opm = chp_get_sch_opm(sch);
- sch->lpm = sch->schib.pmcw.pam & sch->opm;
+ sch->opm = 0xff;
+ sch->lpm = sch->schib.pmcw.pam;
 }
