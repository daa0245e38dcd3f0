/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mediated devices: slices of one device, each with a life of its own
 *
 * Structures, functions and their meaning are those of <linux/mdev.h> in Linux 6.1 and later, so
 * that a driver built against either header works with either core. What this core adds comes
 * below "Additions"; a driver can test for it with #ifdef MDEV_HAVE_BUDGET.
 *
 * See Documentation/driver-api/mdev-core.rst.
 */
#ifndef MDEV_H
#define MDEV_H

#include <linux/device.h>
#include <linux/uuid.h>

/* Tells this header from the kernel's own: the core refuses to be built without it. */
#define MDEV_HAVE_BUDGET 1

struct mdev_type;

/**
 * struct mdev_device - a mediated device
 * @dev: the device on the mdev bus; its name is the UUID in lower case
 * @uuid: the UUID that user space created it with
 * @next: for the core
 * @type: what it is an instance of; valid until the driver's remove callback has returned
 * @active: for the core
 *
 * The core allocates and frees it. A driver may keep it beyond its remove callback by a reference
 * on @dev, and must then not look at @type.
 */
struct mdev_device {
	struct device dev;
	guid_t uuid;
	struct list_head next;
	struct mdev_type *type;
	bool active;
};

/**
 * struct mdev_type - a kind of mediated device that a parent offers
 * @sysfs_name: set by the driver: the second half of the type's directory name
 * @pretty_name: set by the driver, or NULL: what the attribute "name" shows
 * @parent: set by the core: the parent that offers it
 * @kobj: for the core
 * @devices_kobj: for the core
 *
 * The driver owns the memory and keeps it from mdev_register_parent() until
 * mdev_unregister_parent() has returned.
 */
struct mdev_type {
	/* the driver's, from before mdev_register_parent() */
	const char *sysfs_name;
	const char *pretty_name;

	/* the core's; drivers may read it */
	struct mdev_parent *parent;

	/* the core's */
	struct kobject kobj;
	struct kobject *devices_kobj;
};

/**
 * struct mdev_parent - a device that is sliced into mediated devices
 * @dev: the device
 * @mdev_driver: the driver that every mediated device of this parent is bound to
 * @mdev_types_kset: for the core
 * @unreg_sem: for the core: held for reading while an mdev comes or goes, for writing while the
 *	parent is unregistered
 * @types: what the parent offers
 * @nr_types: number of entries in @types
 * @available_instances: for the core: how many more instances &mdev_driver.max_instances admits
 *
 * The driver owns the memory, as for &struct mdev_type. All members are the core's to write.
 */
struct mdev_parent {
	struct device *dev;
	struct mdev_driver *mdev_driver;
	struct kset *mdev_types_kset;
	struct rw_semaphore unreg_sem;
	struct mdev_type **types;
	unsigned int nr_types;
	atomic_t available_instances;
};

/**
 * to_mdev_device() - the mediated device that a device on the mdev bus belongs to
 * @dev: a device whose bus is the mdev bus
 *
 * Return: the mediated device; no reference is taken.
 */
static inline struct mdev_device *to_mdev_device(struct device *dev)
{
	return container_of(dev, struct mdev_device, dev);
}

/**
 * struct mdev_driver - a driver of mediated devices
 * @device_api: what the attribute "device_api" shows, one word: "vfio-pci", "vfio-ccw", "vfio-ap";
 *	mandatory, because user space chooses the bus of a virtual machine by it
 * @max_instances: how many instances a parent admits, its types taken together; the core counts.
 *	Without @get_available and without a budget, 0 admits none
 * @probe: a new mdev is bound. May sleep; the type's and parent's attributes are there. An error
 *	becomes that of the write to "create"
 * @remove: an mdev goes. May sleep, and must not return before its user has let go
 * @get_available: how many more instances of a type the driver will admit, at most INT_MAX; a
 *	driver that has it does its own counting, in @probe. May sleep
 * @show_description: what the attribute "description" shows; without it there is no such file
 * @driver: the driver for the driver core; the core sets its bus
 */
struct mdev_driver {
	const char *device_api;
	unsigned int max_instances;
	int (*probe)(struct mdev_device *dev);
	void (*remove)(struct mdev_device *dev);
	unsigned int (*get_available)(struct mdev_type *mtype);
	ssize_t (*show_description)(struct mdev_type *mtype, char *buf);
	struct device_driver driver;
};

int mdev_register_parent(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			 struct mdev_type **types, unsigned int nr_types);
void mdev_unregister_parent(struct mdev_parent *parent);

int mdev_register_driver(struct mdev_driver *drv);
void mdev_unregister_driver(struct mdev_driver *drv);

/**
 * mdev_dev() - the device of a mediated device
 * @mdev: the mediated device
 *
 * Return: the device; no reference is taken.
 */
static inline struct device *mdev_dev(struct mdev_device *mdev)
{
	return &mdev->dev;
}

/* Additions: what follows is not in the kernel's own <linux/mdev.h>. */

/**
 * struct mdev_resource - something that the instances of one parent share
 * @name: for messages: "megabytes", "ports", "fences"
 * @total: how much of it there is, in units of the driver's choice
 */
struct mdev_resource {
	const char *name;
	u64 total;
};

/**
 * struct mdev_budget - what a parent has to share out, and what an instance costs
 * @resources: the shared resources
 * @nr_resources: number of entries in @resources, 1 to MDEV_MAX_RESOURCES
 * @cost: how much of @resources[resource] one instance of a type takes. Called once for each type
 *	and resource, from mdev_register_parent_budget() and in its context; @mtype has its parent
 *	set, and the parent its dev. A type that takes nothing of a resource returns 0, and every
 *	type must take something of at least one
 *
 * The core copies all of it; nothing needs to outlive the registration but the names.
 */
struct mdev_budget {
	const struct mdev_resource *resources;
	unsigned int nr_resources;
	u64 (*cost)(struct mdev_type *mtype, unsigned int resource);
};

/* more than any driver has: i915 gvt shares three */
#define MDEV_MAX_RESOURCES 16

int mdev_register_parent_budget(struct mdev_parent *parent, struct device *dev,
				struct mdev_driver *drv, struct mdev_type **types,
				unsigned int nr_types, const struct mdev_budget *budget);

struct mdev_device *mdev_get_by_uuid(const guid_t *uuid);

#endif /* MDEV_H */
