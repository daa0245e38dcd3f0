// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one mediated device
 *
 * create:  allocate, hash the UUID, charge, add the device, bind the driver, link.
 * remove:  unlink, delete the device (which unbinds the driver and so waits for the user),
 *          uncharge, unhash the UUID, drop the reference.
 *
 * remove gives back slot and UUID; it does not wait for the last reference. The driver's remove
 * callback has returned by then, so the resources behind the slot are free, and a stop/start loop
 * gets neither -EUSERS nor -EEXIST because of a reference on the old device. (A driver that frees
 * them later says so by mdev_charge_get().) For the same reason
 * the core does not use the type or the parent after remove: a device may be held longer than its
 * parent lives.
 */
#include <linux/export.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

/*
 * All mdevs by UUID: create, remove and look-up do not walk a list of all mdevs. An mdev is
 * unhashed before the core drops its initial reference, so every entry is alive.
 */
static DEFINE_HASHTABLE(mdev_table, 12);
static DEFINE_SPINLOCK(mdev_table_lock);

static u32 mdev_hash(const guid_t *uuid)
{
	return jhash(uuid, sizeof(*uuid), 0);
}

static struct mdev_instance *mdev_table_find(const guid_t *uuid)
{
	struct mdev_instance *inst;

	lockdep_assert_held(&mdev_table_lock);
	hash_for_each_possible(mdev_table, inst, node, mdev_hash(uuid))
		if (guid_equal(&inst->mdev.uuid, uuid))
			return inst;
	return NULL;
}

static int mdev_table_add(struct mdev_instance *inst)
{
	int ret = 0;

	spin_lock(&mdev_table_lock);
	if (mdev_table_find(&inst->mdev.uuid))
		ret = -EEXIST;
	else
		hash_add(mdev_table, &inst->node, mdev_hash(&inst->mdev.uuid));
	spin_unlock(&mdev_table_lock);
	return ret;
}

static void mdev_table_del(struct mdev_instance *inst)
{
	spin_lock(&mdev_table_lock);
	hash_del(&inst->node);
	spin_unlock(&mdev_table_lock);
}

/**
 * mdev_get_by_uuid() - find a mediated device
 * @uuid: its UUID
 *
 * Finds an mdev whose creation is complete and whose removal has not begun, through a hash table.
 *
 * Context: process context; does not sleep. The caller owns a reference on the device and drops
 * it with put_device(mdev_dev(mdev)); the reference does not prevent removal of the mdev.
 * Return: the mediated device, or NULL.
 */
struct mdev_device *mdev_get_by_uuid(const guid_t *uuid)
{
	struct mdev_instance *inst;

	spin_lock(&mdev_table_lock);
	inst = mdev_table_find(uuid);
	if (inst && READ_ONCE(inst->mdev.active))
		get_device(&inst->mdev.dev);
	else
		inst = NULL;
	spin_unlock(&mdev_table_lock);
	return inst ? &inst->mdev : NULL;
}
EXPORT_SYMBOL_GPL(mdev_get_by_uuid);

/* Set the state to @next if it is the one before @next. Return the old state. */
static enum mdev_state mdev_set_state(struct mdev_instance *inst, enum mdev_state next)
{
	struct mdev_set *set = mdev_set(inst->mdev.type->parent);
	enum mdev_state found;

	spin_lock(&set->lock);
	found = inst->state;
	if (next == found + 1) {
		inst->state = next;
		WRITE_ONCE(inst->mdev.active, next == MDEV_LIVE);
	}
	spin_unlock(&set->lock);
	return found;
}

static int mdev_link(struct mdev_device *mdev)
{
	struct kobject *kobj = &mdev->dev.kobj;
	int ret;

	ret = sysfs_create_link(mdev->type->devices_kobj, kobj, dev_name(&mdev->dev));
	if (ret)
		return ret;
	ret = sysfs_create_link(kobj, &mdev->type->kobj, "mdev_type");
	if (ret)
		sysfs_remove_link(mdev->type->devices_kobj, dev_name(&mdev->dev));
	return ret;
}

static void mdev_unlink(struct mdev_device *mdev)
{
	sysfs_remove_link(&mdev->dev.kobj, "mdev_type");
	sysfs_remove_link(mdev->type->devices_kobj, dev_name(&mdev->dev));
}

/* Undo mdev_device_create() of an mdev that is linked. */
static void mdev_device_remove(struct mdev_instance *inst)
{
	struct mdev_device *mdev = &inst->mdev;

	lockdep_assert_held(&mdev->type->parent->unreg_sem);
	mdev_unlink(mdev);
	device_del(&mdev->dev);
	mdev_uncharge(&inst->charge);
	mdev_table_del(inst);
	dev_dbg(&mdev->dev, "mdev: removed\n");
	/* pairs with device_initialize() in mdev_device_create() */
	put_device(&mdev->dev);
}

/*
 * The attribute "remove" removes its own device. Its file is removed only when the removal can no
 * longer fail: without the file, an mdev could not be removed before its parent.
 */
static ssize_t remove_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	struct mdev_instance *inst = to_instance(dev);
	struct mdev_parent *parent = inst->mdev.type->parent;
	unsigned long val;

	if (kstrtoul(buf, 0, &val))
		return -EINVAL;
	if (!val)
		return count;

	/*
	 * mdev_unregister_parent() holds unreg_sem for writing and drains this file; blocking here
	 * would deadlock. It removes the mdev.
	 */
	if (!down_read_trylock(&parent->unreg_sem))
		return -ENODEV;

	if (mdev_set_state(inst, MDEV_REMOVING) == MDEV_CREATING) {
		up_read(&parent->unreg_sem);
		return -EAGAIN;
	}
	/*
	 * Once the file is removed, deleting the device does not wait for this write. One of
	 * several writers gets true; the others get false after that one has returned.
	 */
	if (device_remove_file_self(dev, attr))
		mdev_device_remove(inst);
	up_read(&parent->unreg_sem);
	return count;
}
static DEVICE_ATTR_WO(remove);

static struct attribute *mdev_device_attrs[] = {
	&dev_attr_remove.attr,
	NULL
};
ATTRIBUTE_GROUPS(mdev_device);

static void mdev_device_release(struct device *dev)
{
	kfree(to_instance(dev));
}

/**
 * mdev_device_create() - create a mediated device and bind it to its driver
 * @type: the type of the mdev
 * @uuid: the UUID of the mdev
 *
 * Context: may sleep. The caller is a write to "create" of @type, so that @type stays.
 * Return: 0, -EEXIST if an mdev of that UUID exists, -EUSERS if a shared resource does not suffice,
 * -ENODEV if the parent is being unregistered, -ENOMEM, or the error of adding the device or of
 * the driver's probe callback. On error nothing is left behind.
 */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_parent *parent = type->parent;
	struct mdev_instance *inst;
	struct mdev_device *mdev;
	int ret;

	inst = kzalloc_obj(*inst);
	if (!inst)
		return -ENOMEM;
	mdev = &inst->mdev;
	guid_copy(&mdev->uuid, uuid);
	mdev->type = type;
	INIT_LIST_HEAD(&mdev->next);
	device_initialize(&mdev->dev);
	mdev->dev.parent = parent->dev;
	mdev->dev.bus = &mdev_bus_type;
	mdev->dev.groups = mdev_device_groups;
	mdev->dev.release = mdev_device_release;

	ret = dev_set_name(&mdev->dev, "%pUl", uuid);
	if (ret)
		goto put_device;

	ret = mdev_table_add(inst);
	if (ret)
		goto put_device;

	ret = mdev_charge(&inst->charge, type);
	if (ret)
		goto unhash;

	/*
	 * mdev_unregister_parent() holds unreg_sem for writing and drains "create"; blocking here
	 * would deadlock.
	 */
	if (!down_read_trylock(&parent->unreg_sem)) {
		ret = -ENODEV;
		goto uncharge;
	}

	ret = device_add(&mdev->dev);
	if (ret)
		goto unlock;

	ret = device_driver_attach(&parent->mdev_driver->driver, &mdev->dev);
	if (ret)
		goto delete;

	ret = mdev_link(mdev);
	if (ret)
		goto delete;

	mdev_charge_lives(&inst->charge);
	mdev_set_state(inst, MDEV_LIVE);
	up_read(&parent->unreg_sem);
	dev_dbg(&mdev->dev, "mdev: created\n");
	return 0;

delete:
	device_del(&mdev->dev);
unlock:
	up_read(&parent->unreg_sem);
uncharge:
	mdev_uncharge(&inst->charge);
unhash:
	mdev_table_del(inst);
put_device:
	/* pairs with device_initialize() */
	put_device(&mdev->dev);
	return ret;
}

static int mdev_device_remove_child(struct device *dev, void *unused)
{
	/* a parent may have other children */
	if (dev->bus == &mdev_bus_type) {
		mdev_set_state(to_instance(dev), MDEV_REMOVING);
		mdev_device_remove(to_instance(dev));
	}
	return 0;
}

/**
 * mdev_device_remove_all() - remove every mediated device of a parent
 * @parent: the parent
 *
 * Context: may sleep, until the user of each mdev has closed it. The caller holds
 * &mdev_parent.unreg_sem for writing, so that no mdev is being created or removed.
 */
void mdev_device_remove_all(struct mdev_parent *parent)
{
	lockdep_assert_held_write(&parent->unreg_sem);
	device_for_each_child(parent->dev, NULL, mdev_device_remove_child);
}
