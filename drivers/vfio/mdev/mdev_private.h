/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations that the files of the mdev core share
 *
 * Calls run downwards: mdev_core.c (parents) uses mdev_type.c (type directories), which uses
 * mdev_device.c (one mdev), which uses mdev_driver.c (the bus) and mdev_budget.c (accounting).
 */
#ifndef MDEV_PRIVATE_H
#define MDEV_PRIVATE_H

#include <linux/completion.h>
#include <linux/mdev.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>

#ifndef MDEV_HAVE_BUDGET
#error "this is the kernel's own <linux/mdev.h>: our include/ must come first in LINUXINCLUDE"
#endif

/**
 * struct mdev_pool - a resource that the instances of a parent share
 * @name: the driver's name for it
 * @free: how much of it is not charged, in the driver's units. Locking: &mdev_set.lock
 */
struct mdev_pool {
	const char *name;
	u64 free;
};

/**
 * struct mdev_pools - all resources that the instances of a parent share
 * @instances: index of the pool that stands for &mdev_driver.max_instances, or -1
 * @nr_pools: number of entries in @pool; 0 if the driver does its own counting
 * @costs: what an instance takes of each pool, @nr_pools entries per type
 * @pool: the resources
 */
struct mdev_pools {
	int instances;
	unsigned int nr_pools;
	u64 *costs;
	struct mdev_pool pool[] __counted_by(nr_pools);
};

/**
 * struct mdev_set - the core's private state of a parent
 * @kset: the directory mdev_supported_types; its reference count keeps the structure
 * @parent: the parent
 * @node: in mdev_sets. Locking: mdev_sets_lock
 * @linked: /sys/class/mdev_bus has a link to this parent. Locking: mdev_sets_lock
 * @open: mdevs may be created and removed, see mdev_try_get_registration()
 * @users: one for the registration, and one for each mdev that is being created or removed
 * @unused: completed when @users falls to zero
 * @lock: protects &mdev_pool.free, and the state of the parent's mdevs
 * @type_count: one for each type whose kobject is not released, and one for the registration
 * @types_gone: completed when @type_count falls to zero
 * @pools: the shared resources
 *
 * struct mdev_parent is an interface and must not grow: &mdev_parent.mdev_types_kset leads here.
 */
struct mdev_set {
	struct kset kset;
	struct mdev_parent *parent;
	struct list_head node;
	bool linked;
	bool open;
	refcount_t users;
	struct completion unused;
	/* innermost; held for a few instructions */
	spinlock_t lock;
	refcount_t type_count;
	struct completion types_gone;
	struct mdev_pools *pools;
};

static inline struct mdev_set *mdev_set(const struct mdev_parent *parent)
{
	return container_of(parent->mdev_types_kset, struct mdev_set, kset);
}

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
 */
struct mdev_instance {
	struct mdev_device mdev;
	enum mdev_state state;
	const struct device_driver *driver;
	struct rhash_head node;
	struct rcu_head rcu;
};

static inline struct mdev_instance *to_mdev_instance(struct device *dev)
{
	return container_of(to_mdev_device(dev), struct mdev_instance, mdev);
}

/* mdev_core.c; @add_files: add attributes of the driver to the types, or NULL */
int mdev_parent_add(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
		    struct mdev_type **types, unsigned int nr_types,
		    const struct mdev_budget *budget,
		    int (*add_files)(struct mdev_parent *parent));

/* mdev_type.c */
struct mdev_set *mdev_set_alloc(void);
int mdev_set_add(struct mdev_set *set, const struct mdev_budget *budget);
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
struct mdev_pools *mdev_pools_alloc(struct mdev_parent *parent, const struct mdev_budget *budget);
void mdev_pools_free(struct mdev_pools *pools);
int mdev_charge(struct mdev_type *type);
void mdev_uncharge(struct mdev_type *type);
unsigned int mdev_available(struct mdev_type *type);

#endif /* MDEV_PRIVATE_H */
