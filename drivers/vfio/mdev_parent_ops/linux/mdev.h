/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/mdev.h> of a tree whose drivers use the interface of mdev_register_device(): the header
 * of the core and, behind it, that interface
 *
 * The folder of this file stands in the search path before the one of the core's header, so both
 * interfaces come by the one name that drivers include. Neither header tests for a kernel version,
 * and the core's stays what it is on trees that never had the old interface.
 *
 * See Documentation/migrating.rst for how a driver leaves it.
 */
#ifndef COMPAT_PARENT_OPS_MDEV_H
#define COMPAT_PARENT_OPS_MDEV_H

#include_next <linux/mdev.h>
#include <linux/sysfs.h>

struct vm_area_struct;

/**
 * struct mdev_parent_ops - what a driver of the old interface does for its parents and mdevs
 * @owner: the module of the driver
 * @dev_attr_groups: attributes of the parent, or NULL
 * @mdev_attr_groups: attributes of each mdev, or NULL; they come after @create
 * @supported_type_groups: the types: name and attributes of each; mandatory
 * @create: an mdev of the type @kobj comes; mandatory. May sleep
 * @remove: an mdev goes; mandatory. May sleep; what it returns is only logged
 * @open: the user opens the mdev; may be called for one mdev more than once
 * @release: pairs with @open
 * @read: read(2) on the device file
 * @write: write(2) on the device file
 * @ioctl: ioctl(2) on the device file
 * @mmap: mmap(2) on the device file
 * @device_api: new: what the attribute "device_api" shows; takes the place of an attribute of the
 *	driver's own
 * @max_instances: new: how many instances a parent admits, its types taken together. The core
 *	counts them and shows "available_instances"
 * @budget: new: what the instances of a parent share; the core admits by it and shows
 *	"available_instances". Its cost callback tells the types apart by mtype_get_type_group_id()
 *
 * A driver that sets neither @max_instances nor @budget counts for itself, in attributes and
 * callbacks of its own.
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
 * @store: called likewise
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

/* type1 of vfio looks both up by name, to tell mdevs from devices behind an IOMMU */
extern typeof(*((struct device *)NULL)->bus) mdev_bus_type;
struct device *mdev_get_iommu_device(struct device *dev);

int mdev_set_iommu_device(struct device *dev, struct device *iommu_device);

int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops);
void mdev_unregister_device(struct device *dev);

void *mdev_get_drvdata(struct mdev_device *mdev);
void mdev_set_drvdata(struct mdev_device *mdev, void *data);
const guid_t *mdev_uuid(struct mdev_device *mdev);
struct device *mdev_parent_dev(struct mdev_device *mdev);
struct mdev_device *mdev_from_dev(struct device *dev);

unsigned int mtype_get_type_group_id(struct mdev_type *mtype);
unsigned int mdev_get_type_group_id(struct mdev_device *mdev);

#endif /* COMPAT_PARENT_OPS_MDEV_H */
