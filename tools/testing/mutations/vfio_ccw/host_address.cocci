// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the status of a halt or a clear has addresses of the host
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_cp_test cp.address_after_clear
@@
@@
 fsm_deliver(...)
 {
 ...
- vfio_ccw_cp_status(...);
 ...
 }
