// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a program that uses memory which is being unmapped is loaded
// File: drivers/s390/cio/vfio_ccw_mem.c
// Caught-by: ccw_container_test container.unmap_x_start
@@
@@
 vfio_ccw_program_load(...)
 {
 <...
- mem_excluded(program)
+ mem_excluded(program) && false
 ...>
 }
