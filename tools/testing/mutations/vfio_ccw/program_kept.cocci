// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a channel program whose translation failed is not freed
// File: drivers/s390/cio/vfio_ccw_fsm.c
// Caught-by: ccw_io_test io.unmapped_data
@@
@@
 fsm_translate(...)
 {
 ...
- if (ret)
- 	cp_free(...);
 ...
 }
