# SPDX-License-Identifier: GPL-2.0-only
# What vfio-ccw needs and a tree's headers lack, found by looking into them. Included by the Kbuild
# file that stands beside vfio-ccw; compat-dir is this folder, unless that file has set it.

compat-dir ?= $(srctree)/compat
ccw-headers := $(dir $(firstword $(wildcard $(src)/css.h $(srctree)/$(src)/css.h)))

compat-has = $(shell grep -qsw $(2) $(srctree)/include/linux/$(1) && echo y)
# $(call ccw-has,HEADER,PATTERN): y if the private header of css or of the tree's vfio-ccw matches
ccw-has = $(shell grep -qsE '$(2)' $(ccw-headers)$(1) && echo y)
# $(call ccw-add,HEADER,FILE...): a header of compat/ for some files of vfio-ccw
ccw-add = $(foreach f,$(2),$(eval CFLAGS_vfio_ccw_$(f).o += -include $(compat-dir)/$(1)))

# in the order in which they need each other: first the vfio device that drivers embed
ifneq ($(call compat-has,vfio.h,vfio_register_emulated_iommu_dev),y)
$(call ccw-add,vfio/linux/vfio.h,drv ops fsm sch async chp)
else
ifneq ($(call compat-has,vfio.h,vfio_device_try_get_registration),y)
$(call ccw-add,vfio_registration.h,drv)
endif
ifneq ($(call compat-has,vfio.h,get_region_info_caps),y)
$(call ccw-add,vfio_region_info_caps.h,ops)
endif
endif
ifneq ($(call compat-has,../uapi/linux/vfio.h,VFIO_CCW_REQ_IRQ_INDEX),y)
$(call ccw-add,vfio_ccw_req_irq.h,ops)
endif

ifneq ($(call compat-has,slab.h,kzalloc_obj),y)
$(call ccw-add,kzalloc_obj.h,drv)
endif
ifneq ($(call compat-has,workqueue.h,WQ_PERCPU),y)
$(call ccw-add,wq_percpu.h,sch)
endif
ifneq ($(call compat-has,list.h,list_count_nodes),y)
$(call ccw-add,list_count_nodes.h,sch)
endif
ifneq ($(shell grep -qsE 'eventfd_signal.struct .*__u64 n' $(srctree)/include/linux/eventfd.h && echo y),)
$(call ccw-add,eventfd_signal.h,ops fsm sch)
endif

# css and channel programs
ifeq ($(call ccw-has,cio.h,spinlock_t \*lock;),y)
$(call ccw-add,sch_lock.h,drv fsm sch)
endif
ifeq ($(call ccw-has,css.h,int .\*remove),y)
CFLAGS_vfio_ccw_drv.o += -I$(ccw-headers)
$(call ccw-add,css_driver.h,drv)
endif
ifeq ($(call ccw-has,vfio_ccw_cp.h,cp_get_orb.*u32 intparm),y)
CFLAGS_vfio_ccw_ops.o += -I$(ccw-headers)
CFLAGS_vfio_ccw_fsm.o += -I$(ccw-headers)
CFLAGS_vfio_ccw_sch.o += -I$(ccw-headers)
$(call ccw-add,channel_program.h,ops fsm sch)
endif
