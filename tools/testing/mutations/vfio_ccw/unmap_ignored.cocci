// SPDX-License-Identifier: GPL-2.0-only
// Mutation: an unmap does not end the program that uses the memory
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_io_test io.unmap_in_flight
@@
@@
 vfio_ccw_mdev_dma_unmap(...)
 {
 ...
- if (vfio_ccw_program_exclude(...) && !vfio_ccw_fsm_unload(...))
- 	vfio_ccw_reset(...);
 ...
 }
