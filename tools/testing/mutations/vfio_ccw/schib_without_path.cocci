// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the error of a schib that is not valid reaches the user
// File: drivers/s390/cio/vfio_ccw_chp.c
// Caught-by: ccw_event_test gone.while_open
@@
expression ret;
@@
 vfio_ccw_schib_read(...)
 {
 ...
- return ret ? -ENODEV : 0;
+ return ret;
 }
