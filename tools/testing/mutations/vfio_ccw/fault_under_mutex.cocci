// SPDX-License-Identifier: GPL-2.0-only
// Mutation: the user's memory is read with io_mutex held
// File: drivers/s390/cio/vfio_ccw_region.c
// Caught-by: ccw_cp_test fault.while_writing_a_command
@@
expression D, B, C;
@@
 vfio_ccw_region_write(...)
 {
 ...
- if (copy_from_user(D, B, C))
- 	return -EFAULT;
+ mutex_lock(&private->io_mutex);
+ ret = copy_from_user(D, B, C) ? -EFAULT : 0;
+ mutex_unlock(&private->io_mutex);
+ if (ret)
+ 	return ret;
 ...
 }
