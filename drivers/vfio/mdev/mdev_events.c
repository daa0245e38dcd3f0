// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling user space how many instances are left: poll(), uevents, debugfs
 *
 * The accounts queue a work item whenever they change. It compares the numbers with those that it
 * told last, so that many changes in a row are one event, and the last event always has the last
 * number.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

/* The numbers of a driver that counts by itself are not known before the first event. */
#define MDEV_NOT_TOLD	UINT_MAX

static struct dentry *mdev_debugfs;

/* A type runs out or comes back: a uevent of the parent, as for (un)registration. */
static void mdev_events_uevent(struct mdev_type *type, unsigned int n)
{
	char *name = kasprintf(GFP_KERNEL, "MDEV_TYPE=%s", kobject_name(&type->kobj));
	char *number = kasprintf(GFP_KERNEL, "MDEV_AVAILABLE_INSTANCES=%u", n);
	char *env[3] = { name, number };

	if (name && number)
		kobject_uevent_env(&type->parent->dev->kobj, KOBJ_CHANGE, env);
	kfree(number);
	kfree(name);
}

static void mdev_events_tell(struct work_struct *work)
{
	struct mdev_set *set = container_of(to_delayed_work(work), struct mdev_set, events);
	struct mdev_parent *parent;
	unsigned int row;

	/* mdev_events_stop() waits for this work item before the parent goes */
	spin_lock(&set->lock);
	parent = set->parent;
	set->events_last = jiffies;
	spin_unlock(&set->lock);
	if (!parent)
		return;

	for (row = 0; row < parent->nr_types; row++) {
		struct mdev_type *type = parent->types[row];
		unsigned int n = mdev_available(type), told = set->shown[row];

		if (n == told)
			continue;
		set->shown[row] = n;
		sysfs_notify(&type->kobj, NULL, "available_instances");
		if (!n != !told)
			mdev_events_uevent(type, n);
	}
}

/**
 * mdev_events_init() - prepare the events of a parent
 * @set: the set, with its parent and pools set
 *
 * Context: may sleep. The caller frees &mdev_set.shown together with the set.
 * Return: 0 or -ENOMEM.
 */
int mdev_events_init(struct mdev_set *set)
{
	set->shown = kcalloc(set->parent->nr_types, sizeof(*set->shown), GFP_KERNEL);
	if (!set->shown)
		return -ENOMEM;
	INIT_DELAYED_WORK(&set->events, mdev_events_tell);
	return 0;
}

static int pools_show(struct seq_file *file, void *unused)
{
	struct mdev_set *set = file->private;
	struct mdev_account account;
	unsigned int i;

	seq_puts(file, "pool total taken free\n");
	for (i = 0; i < set->pools->nr; i++) {
		spin_lock(&set->lock);
		account = set->pools->account[i];
		spin_unlock(&set->lock);
		seq_printf(file, "%s %llu %llu %llu\n", account.name, account.total, account.taken,
			   mdev_account_free(&account));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pools);

/**
 * mdev_events_start() - begin to tell user space about a parent
 * @set: of a parent all of whose types are in sysfs
 *
 * Context: may sleep. Pairs with mdev_events_stop().
 */
void mdev_events_start(struct mdev_set *set)
{
	struct mdev_parent *parent = set->parent;
	bool asks = parent->mdev_driver->get_available;
	unsigned int row;
	char *name;

	/* get_available() may take a lock that the driver holds while it registers the parent */
	for (row = 0; row < parent->nr_types; row++)
		set->shown[row] = asks ? MDEV_NOT_TOLD : mdev_available(parent->types[row]);
	spin_lock(&set->lock);
	set->events_on = true;
	spin_unlock(&set->lock);

	/* devices of two buses may have one name */
	name = kasprintf(GFP_KERNEL, "%s-%s", dev_driver_string(parent->dev),
			 dev_name(parent->dev));
	if (!name)
		return;
	set->files = debugfs_create_dir(name, mdev_debugfs);
	kfree(name);
	debugfs_create_file("pools", 0444, set->files, set, &pools_fops);
}

/**
 * mdev_events_stop() - stop telling user space about a parent
 * @set: of the parent
 *
 * Context: may sleep. When it returns, neither events nor accounts use the parent or its types.
 */
void mdev_events_stop(struct mdev_set *set)
{
	debugfs_remove_recursive(set->files);
	spin_lock(&set->lock);
	set->parent = NULL;
	spin_unlock(&set->lock);
	cancel_delayed_work_sync(&set->events);
}

/**
 * mdev_debugfs_init() - make the folder of the module in debugfs
 *
 * Context: may sleep. Pairs with mdev_debugfs_exit().
 */
void mdev_debugfs_init(void)
{
	mdev_debugfs = debugfs_create_dir("mdev", NULL);
}

/**
 * mdev_debugfs_exit() - remove the folder of the module in debugfs
 *
 * Context: may sleep; no parent is registered.
 */
void mdev_debugfs_exit(void)
{
	debugfs_remove(mdev_debugfs);
}
