// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the state machine has a slot without a function
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: build
@@
@@
- fsm_nodev
+ NULL
