/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/mdev.h> for a tree whose drivers call mdev_register_device(): the header of the core,
 * followed by that interface
 *
 * The folder of this file precedes that of the core's header in the search path, so drivers get
 * both interfaces by the name that they include. Neither header tests for a kernel version, and the
 * core's header is the same in trees that never had this interface.
 *
 * Structures, macros and functions are those of include/linux/mdev.h in Linux 5.10, plus the
 * members marked as new:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 *
 * Documentation/migrating.rst describes how a driver moves to the interface of the core.
 */
#ifndef COMPAT_PARENT_OPS_MDEV_H
#define COMPAT_PARENT_OPS_MDEV_H

#include_next <linux/mdev.h>
#include <linux/sysfs.h>

struct vm_area_struct;

/**
 * struct mdev_parent_ops - callbacks of a driver that calls mdev_register_device()
 * @owner: the module of the driver
 * @dev_attr_groups: attributes of the parent, or NULL
 * @mdev_attr_groups: attributes of each mdev, or NULL; added after @create
 * @supported_type_groups: name and attributes of each type; mandatory
 * @create: set up an mdev of the type @kobj; mandatory. May sleep
 * @remove: tear down an mdev; mandatory. May sleep; an error is logged and ignored
 * @open: the user opens the mdev; may be called more than once for an mdev
 * @release: pairs with @open
 * @read: read(2) on the device file
 * @write: write(2) on the device file
 * @ioctl: ioctl(2) on the device file
 * @mmap: mmap(2) on the device file
 * @device_api: new: the content of the attribute "device_api"; replaces the driver's attribute
 * @max_instances: new: how many instances a parent admits, all types together. The core counts
 *	them and shows "available_instances"
 * @budget: new: the older form of mdev_register_device_pools(). The cost callback identifies a
 *	type by mtype_get_type_group_id()
 *
 * A driver that sets neither @max_instances nor @budget, and does not use
 * mdev_register_device_pools(), does its own counting, in its attributes and callbacks.
 */
struct mdev_parent_ops {
	struct module *owner;
	const struct attribute_group **dev_attr_groups;
	const struct attribute_group **mdev_attr_groups;
	struct attribute_group **supported_type_groups;

	int (*create)(struct kobject *kobj, struct mdev_device *mdev);
	int (*remove)(struct mdev_device *mdev);
	int (*open)(struct mdev_device *mdev);
	void (*release)(struct mdev_device *mdev);
	ssize_t (*read)(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(struct mdev_device *mdev, const char __user *buf, size_t count,
			 loff_t *ppos);
	long (*ioctl)(struct mdev_device *mdev, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct mdev_device *mdev, struct vm_area_struct *vma);

	const char *device_api;
	unsigned int max_instances;
	const struct mdev_budget *budget;
};

/**
 * struct mdev_type_attribute - an attribute of a type
 * @attr: name and mode
 * @show: called with the kobject of the type and the device of the parent
 * @store: called with the same arguments
 */
struct mdev_type_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct device *dev, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct device *dev, const char *buf, size_t count);
};

#define MDEV_TYPE_ATTR(_name, _mode, _show, _store) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR(_name, _mode, _show, _store)
#define MDEV_TYPE_ATTR_RW(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_RW(_name)
#define MDEV_TYPE_ATTR_RO(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_RO(_name)
#define MDEV_TYPE_ATTR_WO(_name) \
	struct mdev_type_attribute mdev_type_attr_##_name = __ATTR_WO(_name)

/* vfio_iommu_type1 looks up both by name, to tell mdevs from devices behind an IOMMU */
extern typeof(*((struct device *)NULL)->bus) mdev_bus_type;
struct device *mdev_get_iommu_device(struct device *dev);

int mdev_set_iommu_device(struct device *dev, struct device *iommu_device);

int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops);
/* new: with pools, whose costs are in the order of supported_type_groups */
int mdev_register_device_pools(struct device *dev, const struct mdev_parent_ops *ops,
			       const struct mdev_pool *pools, unsigned int nr_pools);
void mdev_unregister_device(struct device *dev);

void *mdev_get_drvdata(struct mdev_device *mdev);
void mdev_set_drvdata(struct mdev_device *mdev, void *data);
const guid_t *mdev_uuid(struct mdev_device *mdev);
struct device *mdev_parent_dev(struct mdev_device *mdev);
struct mdev_device *mdev_from_dev(struct device *dev);

unsigned int mtype_get_type_group_id(struct mdev_type *mtype);
unsigned int mdev_get_type_group_id(struct mdev_device *mdev);

#endif /* COMPAT_PARENT_OPS_MDEV_H */
