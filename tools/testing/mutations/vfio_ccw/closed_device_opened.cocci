// SPDX-License-Identifier: GPL-2.0-only
// Mutation: an unmap asks whether the memory is used, and resets later, also a device that was closed meanwhile
// File: drivers/s390/cio/vfio_ccw_ops.c
// Caught-by: ccw_window_test window.unmap_x_close
@@
@@
 #include <linux/slab.h>
+#include <linux/delay.h>

@@
@@
 vfio_ccw_mdev_dma_unmap(...)
 {
 ...
 mutex_lock(&private->io_mutex);
- if (vfio_ccw_program_exclude(&private->program, iova, length) &&
-     !vfio_ccw_fsm_unload(private))
- 	vfio_ccw_reset(private);
+ if (vfio_ccw_program_exclude(&private->program, iova, length) &&
+     !vfio_ccw_fsm_unload(private)) {
+ 	mutex_unlock(&private->io_mutex);
+ 	msleep(500);
+ 	mutex_lock(&private->io_mutex);
+ 	vfio_ccw_reset(private);
+ }
 ...
 }
