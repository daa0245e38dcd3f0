# SPDX-License-Identifier: GPL-2.0-only
# What a tree's vfio lacks. Included by a Kbuild file that has set compat-dir.

compat-vfio-has = $(shell grep -qsw $(1) $(srctree)/include/linux/vfio.h && echo y)

ifneq ($(call compat-vfio-has,vfio_device_try_get_registration),y)
CFLAGS_vfio_ccw_drv.o += -include $(compat-dir)/vfio_registration.h
endif
ifneq ($(call compat-vfio-has,get_region_info_caps),y)
CFLAGS_vfio_ccw_ops.o += -include $(compat-dir)/vfio_region_info_caps.h
endif
