// SPDX-License-Identifier: GPL-2.0-only
// Mutation: an entry of the state table is NULL
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: build BUILD_BUG_ON failed: !row[VFIO_CCW_EVENT_
@@
@@
- fsm_nodev
+ NULL
