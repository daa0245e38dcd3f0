/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mediated devices: slices of a physical device, each with its own lifetime
 *
 * The structures and functions are those of <linux/mdev.h> in Linux 6.1 and later, with the
 * same meaning, so that a driver built against either header works with either core:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 *
 * Everything below "Additions" is new; drivers test for it with #ifdef MDEV_HAVE_BUDGET.
 *
 * See Documentation/driver-api/mdev-core.rst.
 */
#ifndef MDEV_H
#define MDEV_H

#include <linux/device.h>
#include <linux/uuid.h>

/* Tells this header from the kernel's; the core does not build with the other one. */
#define MDEV_HAVE_BUDGET 1
/* struct mdev_pool and what belongs to it */
#define MDEV_HAVE_POOLS 1

struct mdev_type;

/**
 * struct mdev_device - a mediated device
 * @dev: the device on the mdev bus; its name is the UUID in lower case
 * @uuid: the UUID that user space chose at creation
 * @next: private to the core
 * @type: its type; valid until the driver's remove callback has returned
 * @active: private to the core
 *
 * The core allocates and frees it. A driver may keep it beyond its remove callback by a reference
 * on @dev, and must not use @type then.
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
 * @pretty_name: set by the driver, or NULL: the content of the attribute "name"
 * @parent: set by the core: the parent that offers the type
 * @kobj: private to the core
 * @devices_kobj: private to the core
 *
 * The driver owns the memory and keeps it from mdev_register_parent() until
 * mdev_unregister_parent() has returned.
 */
struct mdev_type {
	/* set by the driver before mdev_register_parent() */
	const char *sysfs_name;
	const char *pretty_name;

	/* set by the core; drivers may read it */
	struct mdev_parent *parent;

	/* private to the core */
	struct kobject kobj;
	struct kobject *devices_kobj;
};

/**
 * struct mdev_parent - a device that is sliced into mediated devices
 * @dev: the device
 * @mdev_driver: the driver that every mediated device of this parent is bound to
 * @mdev_types_kset: private to the core
 * @unreg_sem: not used; it keeps the layout of the structure
 * @types: the types that the parent offers
 * @nr_types: number of entries in @types
 * @available_instances: how many more instances &mdev_driver.max_instances admits
 *
 * The driver owns the memory, as for &struct mdev_type. Only the core writes to the members.
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
 * to_mdev_device() - get the mediated device of a device on the mdev bus
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
 * @device_api: the content of the attribute "device_api", one word: "vfio-pci", "vfio-ccw",
 *	"vfio-ap"; mandatory, because user space derives the bus in the virtual machine from it
 * @max_instances: how many instances a parent admits, all types together; the core counts.
 *	Without @get_available and without pools, 0 admits none
 * @probe: bind a new mdev. May sleep; the attributes of type and parent exist. The write to
 *	"create" fails with the error that @probe returns
 * @remove: unbind an mdev. May sleep, and must not return before the user has closed it
 * @get_available: return how many more instances of a type the driver will admit, at most
 *	INT_MAX; a driver with this callback does its own counting, in @probe. May sleep
 * @show_description: show the attribute "description", which does not exist without the callback
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
 * mdev_dev() - get the device of a mediated device
 * @mdev: the mediated device
 *
 * Return: the device; no reference is taken.
 */
static inline struct device *mdev_dev(struct mdev_device *mdev)
{
	return &mdev->dev;
}

/* Additions: the kernel's <linux/mdev.h> has nothing of the following. */

/* the version of this project, in /sys/module/mdev/version; the kernel's core is "0.1" */
#define MDEV_VERSION "1.0"

/**
 * struct mdev_pool - a resource that the instances of one parent share
 * @name: a word for the log and for debugfs: "megabytes", "ports", "fences"
 * @total: how much of it there is, in units of the driver's choice
 * @costs: what an instance of types[0] takes, or NULL
 * @cost_size: bytes of one cost: 1, 2, 4 or 8; an unsigned number, or a signed one that is not
 *	negative. 0: an instance of any type takes one
 * @cost_stride: bytes from the cost of one type to the cost of the next one; without @costs, from
 *	a &struct mdev_type to its cost
 *
 * The last three say what an instance of each type takes. One of these macros sets them:
 * MDEV_TYPE_COST() if the driver has it in the structure around &struct mdev_type, MDEV_COSTS() if
 * it is in a table beside the types, MDEV_COST_ARRAY() if it is an array of numbers.
 *
 * A cost of 0 takes nothing of this pool. A type that takes nothing of any pool needs a
 * &mdev_driver.max_instances, which then is its only limit.
 *
 * The core reads pools and costs at registration and copies them; only the names must stay until
 * the parent is unregistered.
 */
struct mdev_pool {
	const char *name;
	u64 total;
	const void *costs;
	unsigned int cost_size;
	int cost_stride;
};

/**
 * MDEV_TYPE_COST() - the costs in a pool's initialiser, from the structure around each type
 * @driver_type: the driver's structure
 * @type_member: its member of type struct mdev_type
 * @member: its member that holds what an instance takes
 *
 * For example: { .name = "megabytes", .total = 256, MDEV_TYPE_COST(struct toy_type, type, mbytes) }
 */
#define MDEV_TYPE_COST(driver_type, type_member, member)		\
	.cost_size = sizeof_field(driver_type, member),			\
	.cost_stride = (int)offsetof(driver_type, member) -		\
		       (int)offsetof(driver_type, type_member)

/**
 * MDEV_COSTS() - the costs in a pool's initialiser, from a table beside the types
 * @table: array of structures, or a pointer to its first one; in the order of the array "types"
 *	that the parent is registered with
 * @member: the member that holds what an instance takes
 *
 * For example: { .name = "megabytes", .total = 256, MDEV_COSTS(toy_models, mbytes) }
 */
#define MDEV_COSTS(table, member)			\
	.costs = &(table)[0].member,			\
	.cost_size = sizeof((table)[0].member),		\
	.cost_stride = sizeof((table)[0])

/**
 * MDEV_COST_ARRAY() - the costs in a pool's initialiser, from an array of numbers
 * @array: array with a number for each type, in the order of the array "types"
 */
#define MDEV_COST_ARRAY(array)				\
	.costs = &(array)[0],				\
	.cost_size = sizeof((array)[0]),		\
	.cost_stride = sizeof((array)[0])

/* more than any driver has: i915 GVT-g shares three */
#define MDEV_MAX_POOLS 16

int mdev_register_parent_pools(struct mdev_parent *parent, struct device *dev,
			       struct mdev_driver *drv, struct mdev_type **types,
			       unsigned int nr_types, const struct mdev_pool *pools,
			       unsigned int nr_pools);

/* see Documentation/driver-api/mdev-core.rst, "Budgets" */
int mdev_set_total(struct mdev_parent *parent, unsigned int pool, u64 total);
int mdev_refuse(struct mdev_device *mdev);
void mdev_charge_get(struct mdev_device *mdev);
void mdev_charge_put(struct mdev_device *mdev);

/**
 * struct mdev_resource - a resource of a struct mdev_budget
 * @name: as in &struct mdev_pool
 * @total: as in &struct mdev_pool
 */
struct mdev_resource {
	const char *name;
	u64 total;
};

/**
 * struct mdev_budget - the older form of pools: a callback tells the costs
 * @resources: the shared resources
 * @nr_resources: number of entries in @resources, 1 to MDEV_MAX_RESOURCES
 * @cost: return how much of @resources[resource] one instance of a type takes, 0 for nothing.
 *	Called once for each type and resource, from mdev_register_parent_budget() and in its
 *	context; @mtype has its parent set, and the parent its dev
 *
 * Types without a cost, and copies, are treated as for &struct mdev_pool.
 */
struct mdev_budget {
	const struct mdev_resource *resources;
	unsigned int nr_resources;
	u64 (*cost)(struct mdev_type *mtype, unsigned int resource);
};

/* as MDEV_MAX_POOLS */
#define MDEV_MAX_RESOURCES 16

int mdev_register_parent_budget(struct mdev_parent *parent, struct device *dev,
				struct mdev_driver *drv, struct mdev_type **types,
				unsigned int nr_types, const struct mdev_budget *budget);

struct mdev_device *mdev_get_by_uuid(const guid_t *uuid);

#endif /* MDEV_H */
