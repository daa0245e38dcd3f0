// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adapter: the interface of mdev_register_device() on top of the mdev core
 *
 * A driver of this interface has one table of callbacks, struct mdev_parent_ops, for the mdev core
 * and for vfio, and attribute groups for its types. The adapter maps them to
 *
 *   one struct mdev_driver per table, while at least one parent is registered with the table;
 *   one struct mdev_parent per parent, with a type per attribute group;
 *   one vfio device per mdev, from probe to remove.
 *
 * The types have the attributes of the driver, before user space is notified of the parent. Of the
 * core's attributes, "create" stays, and what the table delegates to the core (device_api,
 * max_instances or budget).
 *
 * The functions are those of drivers/vfio/mdev/ in Linux 5.10, mdev_core.c and vfio_mdev.c:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 */
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>

#include "../mdev/mdev_private.h"
#include "../../../compat/vfio/emulated_iommu.h"

/**
 * struct parent_ops_driver - the driver that the core gets for a table of callbacks
 * @drv: the driver of the mdevs
 * @ops: the table
 * @counts: the core counts the instances
 * @parents: number of parents registered with the table. Locking: parent_ops_lock
 * @next: in parent_ops_drivers. Locking: parent_ops_lock
 */
struct parent_ops_driver {
	struct mdev_driver drv;
	const struct mdev_parent_ops *ops;
	bool counts;
	unsigned int parents;
	struct list_head next;
};

/**
 * struct parent_ops_file - an attribute that the driver has for a type
 * @attr: the attribute that is in sysfs
 * @own: the attribute of the driver
 */
struct parent_ops_file {
	struct kobj_attribute attr;
	struct mdev_type_attribute *own;
};

/**
 * struct parent_ops_type - a type made from an attribute group
 * @type: the type for the core
 * @id: index of the attribute group
 * @files: the attributes of the group
 * @nr_files: number of entries in @files
 */
struct parent_ops_type {
	struct mdev_type type;
	unsigned int id;
	struct parent_ops_file *files;
	unsigned int nr_files;
};

/**
 * struct parent_ops_parent - a parent that the driver registered
 * @parent: the parent for the core
 * @dev: the device
 * @driver: the driver for its table of callbacks
 * @next: in parent_ops_parents. Locking: parent_ops_lock
 * @nr_types: number of entries in @types and @list
 * @list: array of pointers to the types, for the core
 * @types: the types
 */
struct parent_ops_parent {
	struct mdev_parent parent;
	struct device *dev;
	struct parent_ops_driver *driver;
	struct list_head next;
	unsigned int nr_types;
	struct mdev_type **list;
	struct parent_ops_type *types;
};

/**
 * struct parent_ops_mdev - driver data of an mdev
 * @vdev: the vfio device
 * @drvdata: for mdev_get_drvdata()
 * @iommu_device: for mdev_get_iommu_device()
 */
struct parent_ops_mdev {
	struct vfio_device vdev;
	void *drvdata;
	struct device *iommu_device;
};

/* protects both lists and &parent_ops_driver.parents */
static DEFINE_MUTEX(parent_ops_lock);
static LIST_HEAD(parent_ops_drivers);
static LIST_HEAD(parent_ops_parents);

static const struct mdev_parent_ops *mdev_ops(struct mdev_device *mdev)
{
	return container_of(mdev->type->parent->mdev_driver, struct parent_ops_driver, drv)->ops;
}

/* Return true if the driver delegates an attribute to the core. */
static bool core_shows(const struct mdev_parent_ops *ops, bool counts, const char *name)
{
	if (!strcmp(name, "device_api"))
		return ops->device_api;
	if (!strcmp(name, "available_instances"))
		return counts;
	return false;
}

/* Callbacks for vfio */

static int parent_ops_open(void *device_data)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);
	int ret;

	if (!ops->open)
		return -EINVAL;
	/*
	 * Pairs with module_put() in parent_ops_release(). Without it, rmmod would hang in the
	 * driver's exit function until the user closes the mdev.
	 */
	if (!try_module_get(ops->owner))
		return -ENODEV;
	ret = ops->open(mdev);
	if (ret)
		module_put(ops->owner);
	return ret;
}

static void parent_ops_release(void *device_data)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);

	if (ops->release)
		ops->release(mdev);
	module_put(ops->owner);
}

static ssize_t parent_ops_read(void *device_data, char __user *buf, size_t count, loff_t *ppos)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);

	return ops->read ? ops->read(mdev, buf, count, ppos) : -EINVAL;
}

static ssize_t parent_ops_write(void *device_data, const char __user *buf, size_t count,
				loff_t *ppos)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);

	return ops->write ? ops->write(mdev, buf, count, ppos) : -EINVAL;
}

static long parent_ops_ioctl(void *device_data, unsigned int cmd, unsigned long arg)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);

	return ops->ioctl ? ops->ioctl(mdev, cmd, arg) : -EINVAL;
}

static int parent_ops_mmap(void *device_data, struct vm_area_struct *vma)
{
	struct mdev_device *mdev = device_data;
	const struct mdev_parent_ops *ops = mdev_ops(mdev);

	return ops->mmap ? ops->mmap(mdev, vma) : -EINVAL;
}

static const struct vfio_device_ops parent_ops_vfio_ops = {
	.name = "vfio-mdev",
	.open = parent_ops_open,
	.release = parent_ops_release,
	.read = parent_ops_read,
	.write = parent_ops_write,
	.ioctl = parent_ops_ioctl,
	.mmap = parent_ops_mmap,
};

/* Callbacks for the core */

static void parent_ops_remove_own(struct mdev_device *mdev)
{
	int ret = mdev_ops(mdev)->remove(mdev);

	/* the removal cannot be stopped here */
	if (ret)
		dev_err(&mdev->dev, "mdev: remove callback of the driver failed, the mdev is removed nevertheless: error %d\n",
			ret);
}

static int parent_ops_probe(struct mdev_device *mdev)
{
	struct parent_ops_mdev *own;
	int ret;

	own = kzalloc_obj(*own);
	if (!own)
		return -ENOMEM;
	/* for mdev_set_drvdata() in the create callback */
	dev_set_drvdata(&mdev->dev, own);

	ret = mdev_ops(mdev)->create(&mdev->type->kobj, mdev);
	if (ret)
		goto free;
	ret = compat_emulated_iommu_add(&mdev->dev);
	if (ret)
		goto remove;
	vfio_init_group_dev(&own->vdev, &mdev->dev, &parent_ops_vfio_ops, mdev);
	ret = vfio_register_group_dev(&own->vdev);
	if (ret)
		goto remove_iommu;
	return 0;

remove_iommu:
	iommu_group_remove_device(&mdev->dev);
remove:
	parent_ops_remove_own(mdev);
free:
	dev_set_drvdata(&mdev->dev, NULL);
	kfree(own);
	return ret;
}

static void parent_ops_remove(struct mdev_device *mdev)
{
	struct parent_ops_mdev *own = dev_get_drvdata(&mdev->dev);

	/* waits until the user has closed the mdev */
	vfio_unregister_group_dev(&own->vdev);
	iommu_group_remove_device(&mdev->dev);
	parent_ops_remove_own(mdev);
	dev_set_drvdata(&mdev->dev, NULL);
	kfree(own);
}

/* A driver that does its own counting refuses an mdev in its create callback. */
static unsigned int parent_ops_uncounted(struct mdev_type *mtype)
{
	return INT_MAX;
}

/* Tables of callbacks */

static const char *parent_ops_driver_name(struct device *dev, const struct mdev_parent_ops *ops)
{
	const char *name = ops->owner ? module_name(ops->owner) : dev_driver_string(dev);
	struct parent_ops_driver *driver;
	static unsigned int serial;

	/* a module may have several tables, each of which needs a name of its own */
	list_for_each_entry(driver, &parent_ops_drivers, next)
		if (driver->ops->owner == ops->owner)
			return kasprintf(GFP_KERNEL, "%s-%u", name, ++serial);
	return kstrdup(name, GFP_KERNEL);
}

static struct parent_ops_driver *parent_ops_driver_new(struct device *dev,
						       const struct mdev_parent_ops *ops,
						       bool counts)
{
	struct parent_ops_driver *driver;
	int ret = -ENOMEM;

	driver = kzalloc_obj(*driver);
	if (!driver)
		return ERR_PTR(ret);
	driver->ops = ops;
	driver->counts = counts;
	driver->drv.device_api = ops->device_api;
	driver->drv.max_instances = ops->max_instances;
	driver->drv.probe = parent_ops_probe;
	driver->drv.remove = parent_ops_remove;
	if (!counts)
		driver->drv.get_available = parent_ops_uncounted;
	driver->drv.driver.bus = &mdev_bus_type;
	driver->drv.driver.owner = ops->owner;
	driver->drv.driver.dev_groups = ops->mdev_attr_groups;
	driver->drv.driver.name = parent_ops_driver_name(dev, ops);
	if (!driver->drv.driver.name)
		goto free;

	/* not mdev_register_driver(), which needs a device_api: the driver may have an attribute */
	ret = driver_register(&driver->drv.driver);
	if (ret)
		goto free_name;
	list_add(&driver->next, &parent_ops_drivers);
	return driver;

free_name:
	kfree(driver->drv.driver.name);
free:
	kfree(driver);
	return ERR_PTR(ret);
}

/* Pairs with parent_ops_driver_put(). */
static struct parent_ops_driver *parent_ops_driver_get(struct device *dev,
						       const struct mdev_parent_ops *ops,
						       bool counts)
{
	struct parent_ops_driver *driver;

	lockdep_assert_held(&parent_ops_lock);
	list_for_each_entry(driver, &parent_ops_drivers, next)
		if (driver->ops == ops && driver->counts == counts)
			goto found;
	driver = parent_ops_driver_new(dev, ops, counts);
	if (IS_ERR(driver))
		return driver;
found:
	driver->parents++;
	return driver;
}

static void parent_ops_driver_put(struct parent_ops_driver *driver)
{
	lockdep_assert_held(&parent_ops_lock);
	if (--driver->parents)
		return;
	list_del(&driver->next);
	driver_unregister(&driver->drv.driver);
	kfree(driver->drv.driver.name);
	kfree(driver);
}

/* Files of types */

static struct device *parent_ops_type_parent(struct kobject *kobj)
{
	return container_of(kobj, struct mdev_type, kobj)->parent->dev;
}

static ssize_t parent_ops_file_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct mdev_type_attribute *own = container_of(attr, struct parent_ops_file, attr)->own;

	return own->show ? own->show(kobj, parent_ops_type_parent(kobj), buf) : -EIO;
}

static ssize_t parent_ops_file_store(struct kobject *kobj, struct kobj_attribute *attr,
				     const char *buf, size_t count)
{
	struct mdev_type_attribute *own = container_of(attr, struct parent_ops_file, attr)->own;

	return own->store ? own->store(kobj, parent_ops_type_parent(kobj), buf, count) : -EIO;
}

/* Wrap the attributes of a group. Count those that the table delegates to the core in @unused. */
static int parent_ops_take_files(struct parent_ops_type *type, const struct mdev_parent_ops *ops,
				 const struct attribute_group *group, bool counts,
				 unsigned int *unused)
{
	struct parent_ops_file *file;
	unsigned int nr = 0;

	while (group->attrs && group->attrs[nr])
		nr++;
	type->files = kcalloc(nr, sizeof(*type->files), GFP_KERNEL);
	if (!type->files)
		return -ENOMEM;

	while (nr--) {
		struct attribute *attr = group->attrs[nr];

		if (core_shows(ops, counts, attr->name)) {
			(*unused)++;
			continue;
		}
		file = &type->files[type->nr_files++];
		file->own = container_of(attr, struct mdev_type_attribute, attr);
		sysfs_attr_init(&file->attr.attr);
		file->attr.attr.name = attr->name;
		file->attr.attr.mode = attr->mode;
		file->attr.show = parent_ops_file_show;
		file->attr.store = parent_ops_file_store;
	}
	return 0;
}

/* Remove the core's attributes that the table does not delegate to it, and add the driver's. */
static int parent_ops_add_type_files(struct parent_ops_type *type,
				     const struct parent_ops_driver *driver)
{
	static const struct attribute shared[] = {
		{ .name = "device_api" }, { .name = "available_instances" }, { .name = "name" },
	};
	struct kobject *kobj = &type->type.kobj;
	unsigned int i;
	int ret;

	/* the driver may have none of them: then the type has none */
	for (i = 0; i < ARRAY_SIZE(shared); i++)
		if (!core_shows(driver->ops, driver->counts, shared[i].name))
			sysfs_remove_file(kobj, &shared[i]);

	for (i = 0; i < type->nr_files; i++) {
		ret = sysfs_create_file(kobj, &type->files[i].attr.attr);
		if (ret)
			return ret;
	}
	return 0;
}

/* Parents */

static void parent_ops_parent_free(struct parent_ops_parent *parent)
{
	unsigned int i;

	for (i = 0; parent->types && i < parent->nr_types; i++)
		kfree(parent->types[i].files);
	kfree(parent->types);
	kfree(parent->list);
	kfree(parent);
}

static struct parent_ops_parent *parent_ops_parent_new(struct device *dev,
						       const struct mdev_parent_ops *ops,
						       bool counts)
{
	struct parent_ops_parent *parent;
	unsigned int unused = 0, i;

	parent = kzalloc_obj(*parent);
	if (!parent)
		return ERR_PTR(-ENOMEM);
	parent->dev = dev;
	while (ops->supported_type_groups[parent->nr_types])
		parent->nr_types++;
	parent->list = kcalloc(parent->nr_types, sizeof(*parent->list), GFP_KERNEL);
	parent->types = kcalloc(parent->nr_types, sizeof(*parent->types), GFP_KERNEL);
	if (!parent->list || !parent->types)
		goto no_memory;

	for (i = 0; i < parent->nr_types; i++) {
		const struct attribute_group *group = ops->supported_type_groups[i];
		struct parent_ops_type *type = &parent->types[i];

		if (!group->name) {
			dev_err(dev, "mdev: cannot register: entry %u of supported_type_groups has no name\n",
				i);
			parent_ops_parent_free(parent);
			return ERR_PTR(-EINVAL);
		}
		type->id = i;
		type->type.sysfs_name = group->name;
		parent->list[i] = &type->type;
		if (parent_ops_take_files(type, ops, group, counts, &unused))
			goto no_memory;
	}
	if (unused)
		dev_warn(dev, "mdev: struct mdev_parent_ops delegates%s%s to the core: the driver's attributes of these names are ignored\n",
			 ops->device_api ? " device_api" : "",
			 counts ? " available_instances" : "");
	return parent;

no_memory:
	parent_ops_parent_free(parent);
	return ERR_PTR(-ENOMEM);
}

static struct parent_ops_parent *parent_ops_find(struct device *dev)
{
	struct parent_ops_parent *parent;

	lockdep_assert_held(&parent_ops_lock);
	list_for_each_entry(parent, &parent_ops_parents, next)
		if (parent->dev == dev)
			return parent;
	return NULL;
}

/* Called by the core when the types are added and no mdev can be created yet */
static int parent_ops_add_files(struct mdev_parent *core_parent)
{
	struct parent_ops_parent *parent =
		container_of(core_parent, struct parent_ops_parent, parent);
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < parent->nr_types; i++)
		ret = parent_ops_add_type_files(&parent->types[i], parent->driver);
	return ret;
}

static int parent_ops_register(struct device *dev, const struct mdev_parent_ops *ops,
			       const struct mdev_source *source)
{
	struct parent_ops_parent *parent;
	bool counts;
	int ret;

	if (!dev || !ops || !ops->create || !ops->remove || !ops->supported_type_groups)
		return -EINVAL;
	counts = ops->max_instances || source->own;

	mutex_lock(&parent_ops_lock);
	if (parent_ops_find(dev)) {
		ret = -EEXIST;
		goto unlock;
	}
	parent = parent_ops_parent_new(dev, ops, counts);
	if (IS_ERR(parent)) {
		ret = PTR_ERR(parent);
		goto unlock;
	}
	parent->driver = parent_ops_driver_get(dev, ops, counts);
	if (IS_ERR(parent->driver)) {
		ret = PTR_ERR(parent->driver);
		goto free;
	}
	/* pairs with put_device() in mdev_unregister_device() */
	get_device(dev);
	ret = sysfs_create_groups(&dev->kobj, ops->dev_attr_groups);
	if (ret)
		goto put;
	ret = mdev_parent_add(&parent->parent, dev, &parent->driver->drv, parent->list,
			      parent->nr_types, source, parent_ops_add_files);
	if (ret)
		goto remove_groups;
	list_add(&parent->next, &parent_ops_parents);
	mutex_unlock(&parent_ops_lock);
	return 0;

remove_groups:
	sysfs_remove_groups(&dev->kobj, ops->dev_attr_groups);
put:
	put_device(dev);
	parent_ops_driver_put(parent->driver);
free:
	parent_ops_parent_free(parent);
unlock:
	mutex_unlock(&parent_ops_lock);
	return ret;
}

/**
 * mdev_register_device() - offer mediated devices of a device
 * @dev: the device
 * @ops: the callbacks and types of the driver
 *
 * Context: may sleep. User space may create mdevs shortly before this returns 0, but not before it
 * fails. The caller keeps @ops and everything that it points to until mdev_unregister_device(),
 * which pairs with this, has returned.
 * Return: 0, -EINVAL if a mandatory member is missing, -EEXIST if @dev is a parent already,
 * -ENOMEM, or the error of adding a file to sysfs. On error nothing is left behind.
 */
int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops)
{
	struct mdev_source source = {};

	if (ops && ops->budget) {
		source.own = true;
		source.budget = ops->budget;
		source.nr_pools = ops->budget->nr_resources;
	}
	return parent_ops_register(dev, ops, &source);
}
EXPORT_SYMBOL(mdev_register_device);

/**
 * mdev_register_device_pools() - offer mediated devices of a device that share resources
 * @dev: as for mdev_register_device()
 * @ops: as for mdev_register_device(), without a budget
 * @pools: the shared resources; costs are in the order of supported_type_groups, by MDEV_COSTS() or
 *	MDEV_COST_ARRAY()
 * @nr_pools: number of entries in @pools, 1 to MDEV_MAX_POOLS
 *
 * Context: as for mdev_register_device(); the core copies @pools. Pairs with
 * mdev_unregister_device().
 * Return: as for mdev_register_device(), and -EINVAL if @pools is NULL or invalid, or if @ops has a
 * budget.
 */
int mdev_register_device_pools(struct device *dev, const struct mdev_parent_ops *ops,
			       const struct mdev_pool *pools, unsigned int nr_pools)
{
	const struct mdev_source source = { .own = true, .pools = pools, .nr_pools = nr_pools };

	if (ops && ops->budget)
		return -EINVAL;
	return parent_ops_register(dev, ops, &source);
}
EXPORT_SYMBOL_GPL(mdev_register_device_pools);

/**
 * mdev_unregister_device() - withdraw a parent and all its mediated devices
 * @dev: the device; ignored if it is not a parent
 *
 * Context: may sleep, until the user of every mdev has closed it.
 */
void mdev_unregister_device(struct device *dev)
{
	struct parent_ops_parent *parent;

	mutex_lock(&parent_ops_lock);
	parent = parent_ops_find(dev);
	if (parent)
		list_del(&parent->next);
	mutex_unlock(&parent_ops_lock);
	if (!parent)
		return;

	/* without the lock, because this waits for users */
	mdev_unregister_parent(&parent->parent);
	sysfs_remove_groups(&dev->kobj, parent->driver->ops->dev_attr_groups);

	mutex_lock(&parent_ops_lock);
	parent_ops_driver_put(parent->driver);
	mutex_unlock(&parent_ops_lock);
	parent_ops_parent_free(parent);
	/* pairs with get_device() in mdev_register_device() */
	put_device(dev);
}
EXPORT_SYMBOL(mdev_unregister_device);

/* Accessors for drivers */

/**
 * mdev_get_drvdata() - get the driver data of an mdev
 * @mdev: an mdev of a driver of this interface
 *
 * Context: from the driver's create callback until its remove callback has returned.
 * Return: the argument of mdev_set_drvdata(), or NULL.
 */
void *mdev_get_drvdata(struct mdev_device *mdev)
{
	struct parent_ops_mdev *own = dev_get_drvdata(&mdev->dev);

	return own->drvdata;
}
EXPORT_SYMBOL(mdev_get_drvdata);

/**
 * mdev_set_drvdata() - set the driver data of an mdev
 * @mdev: an mdev of a driver of this interface
 * @data: the driver data, for mdev_get_drvdata(); owned by the driver
 *
 * Context: as for mdev_get_drvdata().
 */
void mdev_set_drvdata(struct mdev_device *mdev, void *data)
{
	struct parent_ops_mdev *own = dev_get_drvdata(&mdev->dev);

	own->drvdata = data;
}
EXPORT_SYMBOL(mdev_set_drvdata);

/**
 * mdev_uuid() - get the UUID of an mdev
 * @mdev: the mdev
 *
 * Return: a pointer into @mdev.
 */
const guid_t *mdev_uuid(struct mdev_device *mdev)
{
	return &mdev->uuid;
}
EXPORT_SYMBOL(mdev_uuid);

/**
 * mdev_parent_dev() - get the device of the parent of an mdev
 * @mdev: the mdev; its remove callback has not returned
 *
 * Return: the device; no reference is taken.
 */
struct device *mdev_parent_dev(struct mdev_device *mdev)
{
	return mdev->type->parent->dev;
}
EXPORT_SYMBOL(mdev_parent_dev);

/**
 * mdev_from_dev() - get the mdev of a device
 * @dev: any device
 *
 * Return: the mdev, or NULL if @dev is not an mdev; no reference is taken.
 */
struct mdev_device *mdev_from_dev(struct device *dev)
{
	return dev->bus == &mdev_bus_type ? to_mdev_device(dev) : NULL;
}
EXPORT_SYMBOL(mdev_from_dev);

/* The driver data of an mdev, or NULL if its driver uses the interface of the core. */
static struct parent_ops_mdev *parent_ops_mdev(struct device *dev)
{
	if (to_mdev_device(dev)->type->parent->mdev_driver->probe != parent_ops_probe)
		return NULL;
	return dev_get_drvdata(dev);
}

/**
 * mdev_set_iommu_device() - set the device whose IOMMU isolates an mdev
 * @dev: the device of an mdev of a driver of this interface
 * @iommu_device: a device with an IOMMU domain, or NULL
 *
 * Context: as for mdev_get_drvdata().
 * Return: 0, or -EINVAL if @dev is not such a device.
 */
int mdev_set_iommu_device(struct device *dev, struct device *iommu_device)
{
	struct parent_ops_mdev *own = parent_ops_mdev(dev);

	if (!own)
		return -EINVAL;
	own->iommu_device = iommu_device;
	return 0;
}
EXPORT_SYMBOL(mdev_set_iommu_device);

/**
 * mdev_get_iommu_device() - get the device whose IOMMU isolates an mdev
 * @dev: the device of an mdev that is registered with vfio
 *
 * GPL-only because vfio_iommu_type1 calls it through symbol_get(), which finds no other symbols.
 *
 * Return: the argument of mdev_set_iommu_device(), or NULL if the driver isolates the mdev.
 */
struct device *mdev_get_iommu_device(struct device *dev)
{
	struct parent_ops_mdev *own = parent_ops_mdev(dev);

	return own ? own->iommu_device : NULL;
}
EXPORT_SYMBOL_GPL(mdev_get_iommu_device);

/**
 * mtype_get_type_group_id() - get the index of a type
 * @mtype: a type of a driver of this interface
 *
 * Return: its index in &mdev_parent_ops.supported_type_groups.
 */
unsigned int mtype_get_type_group_id(struct mdev_type *mtype)
{
	return container_of(mtype, struct parent_ops_type, type)->id;
}
EXPORT_SYMBOL(mtype_get_type_group_id);

/**
 * mdev_get_type_group_id() - get the index of the type of an mdev
 * @mdev: an mdev of a driver of this interface
 *
 * Return: as for mtype_get_type_group_id().
 */
unsigned int mdev_get_type_group_id(struct mdev_device *mdev)
{
	return mtype_get_type_group_id(mdev->type);
}
EXPORT_SYMBOL(mdev_get_type_group_id);

/* for symbol_get() in vfio_iommu_type1 */
EXPORT_SYMBOL_GPL(mdev_bus_type);

/* formerly a module of its own: modprobe vfio_mdev still works */
MODULE_ALIAS("vfio_mdev");
