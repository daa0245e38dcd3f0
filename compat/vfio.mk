# SPDX-License-Identifier: GPL-2.0-only
# What vfio-ccw needs and a tree's headers lack, found by looking into them. Included by a Kbuild
# file that has set compat-dir.

compat-has = $(shell grep -qsw $(2) $(srctree)/include/linux/$(1) && echo y)

ifneq ($(call compat-has,vfio.h,vfio_device_try_get_registration),y)
CFLAGS_vfio_ccw_drv.o += -include $(compat-dir)/vfio_registration.h
endif
ifneq ($(call compat-has,vfio.h,get_region_info_caps),y)
CFLAGS_vfio_ccw_ops.o += -include $(compat-dir)/vfio_region_info_caps.h
endif
ifneq ($(call compat-has,slab.h,kzalloc_obj),y)
CFLAGS_vfio_ccw_drv.o += -include $(compat-dir)/kzalloc_obj.h
endif
ifneq ($(call compat-has,workqueue.h,WQ_PERCPU),y)
CFLAGS_vfio_ccw_sch.o += -include $(compat-dir)/wq_percpu.h
endif
