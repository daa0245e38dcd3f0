/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations that the files of the mdev core share
 *
 * Calls run downwards: mdev_core.c (parents) uses mdev_type.c (type directories), which uses
 * mdev_device.c (one mdev) and mdev_events.c (events, debugfs), which use mdev_driver.c (the bus)
 * and mdev_budget.c (accounting).
 */
#ifndef MDEV_PRIVATE_H
#define MDEV_PRIVATE_H

#include <linux/completion.h>
#include <linux/mdev.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#ifndef MDEV_HAVE_BUDGET
#error "this is the kernel's own <linux/mdev.h>: our include/ must come first in LINUXINCLUDE"
#endif

/**
 * struct mdev_source - what a driver registers a parent with, besides its types
 * @own: it declares pools, in one of two forms
 * @pools: array of pools, or NULL
 * @nr_pools: number of entries in @pools, or of the resources in @budget
 * @budget: the older form, or NULL
 */
struct mdev_source {
	bool own;
	const struct mdev_pool *pools;
	unsigned int nr_pools;
	const struct mdev_budget *budget;
};

/**
 * struct mdev_account - how much of a pool is charged
 * @name: the driver's name of the pool
 * @total: how much there is, in the driver's units. Locking: &mdev_set.lock
 * @taken: how much is charged; above @total after mdev_set_total(). Locking: &mdev_set.lock
 */
struct mdev_account {
	const char *name;
	u64 total;
	u64 taken;
};

/**
 * struct mdev_pools - all pools of a parent
 * @first: index in @account of the driver's first pool: 1 if the core counts
 *	&mdev_driver.max_instances in account 0, else 0
 * @nr: number of entries in @account; 0 if the driver does its own counting
 * @costs: what an instance takes of each pool, @nr entries per type
 * @refused: types that the driver had no room for, a bit per type. Locking: &mdev_set.lock
 * @given_back: how often a charge was given back, or a total was set. Locking: &mdev_set.lock
 * @refusal_logged: a refusal is in the log. Locking: &mdev_set.lock
 * @account: the accounts
 */
struct mdev_pools {
	unsigned int first;
	unsigned int nr;
	u64 *costs;
	unsigned long *refused;
	unsigned long given_back;
	bool refusal_logged;
	struct mdev_account account[] __counted_by(nr);
};

/**
 * struct mdev_charge - what an mdev is charged
 * @set: of the parent; the charge holds a reference on it
 * @row: index of the type
 * @users: the core until the driver's remove has returned, and each mdev_charge_get()
 * @lived: the mdev was created, and is not one whose create failed
 * @given_back: &mdev_pools.given_back when the mdev was admitted
 * @gone: completed when the last user is gone
 */
struct mdev_charge {
	struct mdev_set *set;
	unsigned int row;
	refcount_t users;
	bool lived;
	unsigned long given_back;
	struct completion gone;
};

/**
 * enum mdev_state - state of an mdev
 * @MDEV_CREATING: the write to "create" has not returned
 * @MDEV_LIVE: it can be found, bound and removed
 * @MDEV_REMOVING: it is being removed
 */
enum mdev_state {
	MDEV_CREATING,
	MDEV_LIVE,
	MDEV_REMOVING,
};

/**
 * struct mdev_instance - the core's private state of an mdev
 * @mdev: the public part
 * @state: its state; &mdev_device.active is true in MDEV_LIVE. Locking: &mdev_set.lock
 * @driver: the driver of its parent, for comparison only: the mdev may outlive it
 * @node: in mdev_table
 * @rcu: for kfree_rcu(), because mdev_get_by_uuid() searches mdev_table under RCU
 * @charge: what it is charged
 */
struct mdev_instance {
	struct mdev_device mdev;
	enum mdev_state state;
	const struct device_driver *driver;
	struct rhash_head node;
	struct rcu_head rcu;
	struct mdev_charge charge;
};

static inline struct mdev_instance *to_instance(struct device *dev)
{
	return container_of(to_mdev_device(dev), struct mdev_instance, mdev);
}

/**
 * struct mdev_set - the core's private state of a parent
 * @kset: the directory mdev_supported_types; its reference count keeps the structure
 * @owner: the parent, while this is in mdev_sets
 * @node: in mdev_sets. Locking: mdev_sets_lock
 * @linked: /sys/class/mdev_bus has a link to this parent. Locking: mdev_sets_lock
 * @open: mdevs may be created and removed, see mdev_try_get_registration()
 * @users: one for the registration, and one for each mdev that is being created or removed
 * @unused: completed when @users falls to zero
 * @parent: the parent; NULL once its types are being removed. Locking: @lock
 * @lock: protects the accounts of @pools, and the state of the parent's mdevs
 * @type_count: one for each type whose kobject is not released, and one for the registration
 * @types_gone: completed when @type_count falls to zero
 * @pools: the pools
 * @events_on: all types have their directory. Locking: @lock
 * @events: tells user space about numbers that changed
 * @events_last: when it did so last, in jiffies. Written by @events only
 * @shown: the numbers that user space was told, one per type. Used by @events only
 * @files: folder in debugfs
 *
 * struct mdev_parent is an interface and must not grow: &mdev_parent.mdev_types_kset leads here.
 */
struct mdev_set {
	struct kset kset;
	struct mdev_parent *owner;
	struct list_head node;
	bool linked;
	bool open;
	refcount_t users;
	struct completion unused;
	struct mdev_parent *parent;
	/* innermost; held for a few instructions */
	spinlock_t lock;
	refcount_t type_count;
	struct completion types_gone;
	struct mdev_pools *pools;
	bool events_on;
	struct delayed_work events;
	unsigned long events_last;
	unsigned int *shown;
	struct dentry *files;
};

static inline struct mdev_set *mdev_set(const struct mdev_parent *parent)
{
	return container_of(parent->mdev_types_kset, struct mdev_set, kset);
}

/* mdev_core.c; @add_files: add attributes of the driver to the types, or NULL */
int mdev_parent_add(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
		    struct mdev_type **types, unsigned int nr_types,
		    const struct mdev_source *source,
		    int (*add_files)(struct mdev_parent *parent));

/* mdev_type.c */
struct mdev_set *mdev_set_alloc(void);
int mdev_set_add(struct mdev_set *set, const struct mdev_source *source);
void mdev_set_remove(struct mdev_set *set);
int mdev_types_add(struct mdev_parent *parent);
void mdev_types_remove(struct mdev_parent *parent);

/* mdev_device.c */
int mdev_table_init(void);
void mdev_table_destroy(void);
bool mdev_try_get_registration(struct mdev_set *set);
void mdev_put_registration(struct mdev_set *set);
int mdev_device_create(struct mdev_type *type, const guid_t *uuid);
void mdev_device_remove_all(struct mdev_parent *parent);

/* mdev_driver.c; as const as the driver core of this tree takes it */
extern typeof(*((struct device *)NULL)->bus) mdev_bus_type;
void mdev_release_expected(void);
void mdev_release_done(void);
void mdev_wait_for_releases(void);

/* mdev_budget.c */
struct mdev_pools *mdev_pools_alloc(struct mdev_parent *parent, const struct mdev_source *source);
void mdev_pools_free(struct mdev_pools *pools);
u64 mdev_account_free(const struct mdev_account *account);
int mdev_charge(struct mdev_charge *charge, struct mdev_type *type);
void mdev_charge_lives(struct mdev_charge *charge);
void mdev_uncharge(struct mdev_charge *charge);
unsigned int mdev_available(struct mdev_type *type);

/* mdev_events.c */
int mdev_events_init(struct mdev_set *set);
void mdev_events_start(struct mdev_set *set);
void mdev_events_stop(struct mdev_set *set);
void mdev_debugfs_init(void);
void mdev_debugfs_exit(void);

#endif /* MDEV_PRIVATE_H */
