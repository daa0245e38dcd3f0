// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one mediated device
 *
 * create:  hash the UUID, charge, add the device, link, send the uevent "add", bind the driver.
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
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

/* All mdevs by UUID. An mdev is unhashed before the core drops its initial reference. */
static struct rhashtable mdev_table;

static const struct rhashtable_params mdev_table_params = {
	.key_offset = offsetof(struct mdev_instance, mdev.uuid),
	.key_len = sizeof_field(struct mdev_instance, mdev.uuid),
	.head_offset = offsetof(struct mdev_instance, node),
	.automatic_shrinking = true,
};

/**
 * mdev_table_init() - set up the table of mdevs
 *
 * Context: may sleep. Pairs with mdev_table_destroy().
 * Return: 0, or -ENOMEM.
 */
int mdev_table_init(void)
{
	return rhashtable_init(&mdev_table, &mdev_table_params);
}

/** mdev_table_destroy() - free the table of mdevs, which is empty. Context: may sleep. */
void mdev_table_destroy(void)
{
	rhashtable_destroy(&mdev_table);
}

static int mdev_table_add(struct mdev_instance *inst)
{
	return rhashtable_lookup_insert_fast(&mdev_table, &inst->node, mdev_table_params);
}

static void mdev_table_del(struct mdev_instance *inst)
{
	rhashtable_remove_fast(&mdev_table, &inst->node, mdev_table_params);
}

/**
 * mdev_get_by_uuid() - find a mediated device
 * @uuid: its UUID
 *
 * Finds an mdev whose creation is complete and whose removal has not begun, through a hash table.
 * The caller owns a reference on the device and drops it with put_device(mdev_dev(mdev)). The
 * reference keeps the memory of @mdev; it does not prevent its removal. Without a lock only
 * &mdev_device.dev and &mdev_device.uuid may be used: the type, the parent and the driver data may
 * go at any time. To use them, take device_lock(mdev_dev(mdev)) and look at
 * mdev_dev(mdev)->driver: if it is not NULL, the mdev is bound, and type, parent and driver data
 * stay until device_unlock(), because the driver core unbinds a device under this lock.
 *
 * Context: any context but hard and soft interrupts; does not sleep.
 * Return: the mediated device, or NULL.
 */
struct mdev_device *mdev_get_by_uuid(const guid_t *uuid)
{
	struct mdev_instance *inst;

	rcu_read_lock();
	inst = rhashtable_lookup(&mdev_table, uuid, mdev_table_params);
	/* RCU keeps the memory of an mdev whose last reference is gone */
	if (inst && (!READ_ONCE(inst->mdev.active) ||
		     !kobject_get_unless_zero(&inst->mdev.dev.kobj)))
		inst = NULL;
	rcu_read_unlock();
	return inst ? &inst->mdev : NULL;
}
EXPORT_SYMBOL_GPL(mdev_get_by_uuid);

/**
 * mdev_try_get_registration() - keep a parent from being unregistered
 * @set: the parent's private state
 *
 * Context: any. The caller keeps @set, and drops the reference with mdev_put_registration().
 * Return: true, or false while the parent is being registered or unregistered. It does not wait:
 * mdev_unregister_parent() drains the files whose writers call this.
 */
bool mdev_try_get_registration(struct mdev_set *set)
{
	/* pairs with smp_store_release() in mdev_parent_open() */
	return smp_load_acquire(&set->open) && refcount_inc_not_zero(&set->users);
}

/**
 * mdev_put_registration() - let a parent be unregistered
 * @set: the parent's private state; the caller must not use it, or the parent, afterwards
 *
 * Context: any. Pairs with mdev_try_get_registration().
 */
void mdev_put_registration(struct mdev_set *set)
{
	if (refcount_dec_and_test(&set->users))
		complete(&set->unused);
}

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

/* Undo mdev_device_create(). The caller keeps the parent from being unregistered, or does that. */
static void mdev_device_remove(struct mdev_instance *inst)
{
	struct mdev_device *mdev = &inst->mdev;

	mdev_unlink(mdev);
	device_del(&mdev->dev);
	mdev_uncharge(&inst->charge);
	mdev_table_del(inst);
	dev_dbg(&mdev->dev, "mdev: removed\n");
	/* pairs with device_initialize() in mdev_instance_new() */
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
	struct mdev_set *set = mdev_set(inst->mdev.type->parent);
	ssize_t ret = count;
	unsigned long val;

	if (kstrtoul(buf, 0, &val))
		return -EINVAL;
	if (!val)
		return count;

	/* if this fails, mdev_unregister_parent() removes the mdev */
	if (!mdev_try_get_registration(set))
		return -ENODEV;

	/*
	 * Once the file is removed, deleting the device does not wait for this write. One of
	 * several writers gets true; the others get false after that one has returned.
	 */
	if (mdev_set_state(inst, MDEV_REMOVING) == MDEV_CREATING)
		ret = -EAGAIN;
	else if (device_remove_file_self(dev, attr))
		mdev_device_remove(inst);
	mdev_put_registration(set);
	return ret;
}
static DEVICE_ATTR_WO(remove);

static struct attribute *mdev_device_attrs[] = {
	&dev_attr_remove.attr,
	NULL
};
ATTRIBUTE_GROUPS(mdev_device);

static void mdev_device_release(struct device *dev)
{
	kfree_rcu(to_instance(dev), rcu);
	/* pairs with mdev_release_expected() in mdev_instance_new() */
	mdev_release_done();
}

static struct mdev_instance *mdev_instance_new(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_parent *parent = type->parent;
	struct mdev_instance *inst;
	struct mdev_device *mdev;

	inst = kzalloc_obj(*inst);
	if (!inst)
		return NULL;
	/* pairs with mdev_release_done() in mdev_device_release() */
	mdev_release_expected();
	inst->driver = &parent->mdev_driver->driver;
	mdev = &inst->mdev;
	guid_copy(&mdev->uuid, uuid);
	mdev->type = type;
	INIT_LIST_HEAD(&mdev->next);
	device_initialize(&mdev->dev);
	mdev->dev.parent = parent->dev;
	mdev->dev.bus = &mdev_bus_type;
	mdev->dev.groups = mdev_device_groups;
	mdev->dev.release = mdev_device_release;
	return inst;
}

/* Add the device with its links. User space expects them when it gets the uevent. */
static int mdev_device_add(struct mdev_device *mdev)
{
	int ret;

	dev_set_uevent_suppress(&mdev->dev, true);
	ret = device_add(&mdev->dev);
	if (ret)
		return ret;
	ret = mdev_link(mdev);
	if (ret) {
		device_del(&mdev->dev);
		return ret;
	}
	dev_set_uevent_suppress(&mdev->dev, false);
	kobject_uevent(&mdev->dev.kobj, KOBJ_ADD);
	return 0;
}

/**
 * mdev_device_create() - create a mediated device and bind it to its driver
 * @type: the type of the mdev
 * @uuid: the UUID of the mdev
 *
 * Context: may sleep. The caller is a write to "create" of @type, so that @type stays.
 * Return: 0, -EEXIST if an mdev of that UUID exists, -EUSERS if a shared resource does not suffice,
 * -ENODEV while the parent is being registered or unregistered, -ENOMEM, or the error of adding the
 * device or of the driver's probe callback. On error nothing is left behind.
 */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_set *set = mdev_set(type->parent);
	struct mdev_instance *inst;
	struct mdev_device *mdev;
	int ret;

	if (!mdev_try_get_registration(set))
		return -ENODEV;

	ret = -ENOMEM;
	inst = mdev_instance_new(type, uuid);
	if (!inst)
		goto put_registration;
	mdev = &inst->mdev;
	ret = dev_set_name(&mdev->dev, "%pUl", uuid);
	if (ret)
		goto put_device;
	ret = mdev_table_add(inst);
	if (ret)
		goto put_device;
	ret = mdev_charge(&inst->charge, type);
	if (ret)
		goto unhash;
	ret = mdev_device_add(mdev);
	if (ret)
		goto uncharge;
	ret = device_driver_attach(&type->parent->mdev_driver->driver, &mdev->dev);
	if (ret)
		goto delete;

	mdev_charge_lives(&inst->charge);
	dev_dbg(&mdev->dev, "mdev: created\n");
	/* from here on it may be removed, and freed */
	mdev_set_state(inst, MDEV_LIVE);
	mdev_put_registration(set);
	return 0;

delete:
	mdev_unlink(mdev);
	device_del(&mdev->dev);
uncharge:
	mdev_uncharge(&inst->charge);
unhash:
	mdev_table_del(inst);
put_device:
	/* pairs with device_initialize() in mdev_instance_new() */
	put_device(&mdev->dev);
put_registration:
	mdev_put_registration(set);
	return ret;
}

static int mdev_device_remove_child(struct device *dev, void *unused)
{
	/* a parent may have other children */
	if (dev->bus == &mdev_bus_type) {
		mdev_set_state(to_instance(dev), MDEV_REMOVING);
		mdev_device_remove(to_instance(dev));
	}
	/* a parent may have a hundred thousand */
	cond_resched();
	return 0;
}

/**
 * mdev_device_remove_all() - remove every mediated device of a parent
 * @parent: the parent; mdev_try_get_registration() fails, and all its references are dropped
 *
 * Context: may sleep, until the user of each mdev has closed it. Holds no lock.
 */
void mdev_device_remove_all(struct mdev_parent *parent)
{
	device_for_each_child(parent->dev, NULL, mdev_device_remove_child);
}
