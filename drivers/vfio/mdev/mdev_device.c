// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of one mediated device
 *
 * create:  allocate, enter the UUID, take from the books, add the device, bind the driver, link.
 * remove:  unlink, delete the device (which unbinds the driver and so waits for the user), give
 *          back to the books, strike the UUID, drop the reference.
 *
 * Slot and UUID come back in remove and not with the last reference: the driver's remove callback
 * has returned by then, so what the slot stands for is free, and a stop/start loop meets neither
 * -EUSERS nor -EEXIST because somebody still holds the old device. For the same reason nothing
 * here needs the type or the parent once remove is done: a device that is held longer than its
 * parent keeps no pointer into the driver's memory in use.
 */
#include <linux/export.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

/*
 * All mdevs by UUID, so that create, remove and look-up cost the same however many there are.
 * Who is in it holds a reference on its device: it leaves before the core drops the first one.
 */
static DEFINE_HASHTABLE(mdev_table, 12);
static DEFINE_SPINLOCK(mdev_table_lock);

/**
 * enum mdev_state - where in its life an mdev is
 * @MDEV_CREATING: the write to "create" has not returned
 * @MDEV_LIVE: it can be found and removed
 * @MDEV_REMOVING: somebody removes it
 */
enum mdev_state {
	MDEV_CREATING,
	MDEV_LIVE,
	MDEV_REMOVING,
};

/**
 * struct mdev_instance - what the core knows of an mdev beyond struct mdev_device
 * @mdev: what drivers see
 * @state: its state, under &mdev_books.lock of its parent; &mdev_device.active follows it
 * @node: in mdev_table, under mdev_table_lock
 */
struct mdev_instance {
	struct mdev_device mdev;
	enum mdev_state state;
	struct hlist_node node;
};

static struct mdev_instance *to_instance(struct device *dev)
{
	return container_of(to_mdev_device(dev), struct mdev_instance, mdev);
}

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
 * Finds an mdev whose creation is complete and whose removal has not begun, in constant time.
 *
 * Context: process context; does not sleep. The caller owns a reference on the device and drops
 * it with put_device(mdev_dev(mdev)); the reference does not keep the mdev from being removed.
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

/* Go on to the next state if the mdev is in the one before it; return the state found. */
static enum mdev_state mdev_enter(struct mdev_instance *inst, enum mdev_state next)
{
	struct mdev_books *books = mdev_books(inst->mdev.type->parent);
	enum mdev_state found;

	spin_lock(&books->lock);
	found = inst->state;
	if (next == found + 1) {
		inst->state = next;
		WRITE_ONCE(inst->mdev.active, next == MDEV_LIVE);
	}
	spin_unlock(&books->lock);
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

/* Take back all that mdev_device_create() did to a device that is linked. */
static void mdev_device_remove(struct mdev_instance *inst)
{
	struct mdev_device *mdev = &inst->mdev;

	lockdep_assert_held(&mdev->type->parent->unreg_sem);
	mdev_unlink(mdev);
	device_del(&mdev->dev);
	mdev_books_give_back(mdev->type);
	mdev_table_del(inst);
	dev_dbg(&mdev->dev, "mdev: removed\n");
	/* pairs with device_initialize() in mdev_device_create() */
	put_device(&mdev->dev);
}

/*
 * The attribute that removes its own device. The file goes only when nothing can stop the removal
 * any more: an mdev without it could not be removed before its parent is.
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

	/* the writer is mdev_unregister_parent(), which waits for this file and removes the mdev */
	if (!down_read_trylock(&parent->unreg_sem))
		return -ENODEV;

	if (mdev_enter(inst, MDEV_REMOVING) == MDEV_CREATING) {
		up_read(&parent->unreg_sem);
		return -EAGAIN;
	}
	/*
	 * From here on this write does not keep the device from being deleted. Of several writers
	 * one gets true; the others get false when that one has returned.
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
 * @type: what it is to be an instance of
 * @uuid: its name
 *
 * Context: may sleep; @type is not removed meanwhile (the caller is a write to its "create").
 * Return: 0, -EEXIST if there is an mdev of that UUID, -EUSERS if there is no room for another
 * instance, -ENODEV if the parent is being unregistered, -ENOMEM, or the error of adding the
 * device or of the driver's probe callback. On error nothing is left behind.
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

	ret = mdev_books_take(type);
	if (ret)
		goto strike_uuid;

	/* the writer is mdev_unregister_parent(), which waits for this file: do not wait for it */
	if (!down_read_trylock(&parent->unreg_sem)) {
		ret = -ENODEV;
		goto give_back;
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

	mdev_enter(inst, MDEV_LIVE);
	up_read(&parent->unreg_sem);
	dev_dbg(&mdev->dev, "mdev: created\n");
	return 0;

delete:
	device_del(&mdev->dev);
unlock:
	up_read(&parent->unreg_sem);
give_back:
	mdev_books_give_back(type);
strike_uuid:
	mdev_table_del(inst);
put_device:
	/* pairs with device_initialize() */
	put_device(&mdev->dev);
	return ret;
}

static int mdev_device_remove_child(struct device *dev, void *unused)
{
	/* not every child of a parent is an mdev */
	if (dev->bus == &mdev_bus_type) {
		mdev_enter(to_instance(dev), MDEV_REMOVING);
		mdev_device_remove(to_instance(dev));
	}
	return 0;
}

/**
 * mdev_device_remove_all() - remove every mediated device of a parent
 * @parent: the parent
 *
 * Context: may sleep, until the user of each has let go. The caller holds
 * &mdev_parent.unreg_sem for writing, so that none is created and none is being removed.
 */
void mdev_device_remove_all(struct mdev_parent *parent)
{
	lockdep_assert_held_write(&parent->unreg_sem);
	device_for_each_child(parent->dev, NULL, mdev_device_remove_child);
}
