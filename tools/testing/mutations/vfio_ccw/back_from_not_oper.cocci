// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a reset opens a device that is not operational
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_event_test gone.stays_gone
@@
@@
- fsm_nodev
+ fsm_open
