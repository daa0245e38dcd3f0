// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting: how much is left of the pools that the instances of a parent share
 *
 * mdev_driver.max_instances is a pool too, and each instance takes one of it. A driver with
 * get_available does its own counting and has no pools. One spinlock per parent covers all its
 * pools: an instance gets everything that its type costs or nothing, and the available_instances
 * of all types are computed from the same state.
 */
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "mdev_private.h"

/* Events of a parent are at least this far apart. */
#define MDEV_EVENTS_PAUSE	(HZ / 10)

/* How long a removal waits for a driver that keeps its charge, see mdev_charge_get(). */
#define MDEV_CHARGE_WAIT	(2 * HZ)

static unsigned int mdev_row(const struct mdev_type *type)
{
	const struct mdev_parent *parent = type->parent;
	unsigned int row = 0;

	while (parent->types[row] != type)
		row++;
	return row;
}

/**
 * mdev_account_free() - compute what is left in an account
 * @account: the account
 *
 * Context: the caller holds &mdev_set.lock.
 * Return: the rest, 0 if more is taken than there is.
 */
u64 mdev_account_free(const struct mdev_account *account)
{
	return account->total > account->taken ? account->total - account->taken : 0;
}

/* The numbers may have changed: tell the driver, and let mdev_events.c tell user space. */
static void mdev_changed(struct mdev_set *set)
{
	unsigned long next = set->events_last + MDEV_EVENTS_PAUSE;

	lockdep_assert_held(&set->lock);
	if (!set->parent)
		return;
	/* drivers may read mdev_parent.available_instances: keep it equal to the account */
	if (set->pools->first)
		atomic_set(&set->parent->available_instances,
			   mdev_account_free(&set->pools->account[0]));
	if (set->events_on)
		schedule_delayed_work(&set->events,
				      time_before(jiffies, next) ? next - jiffies : 0);
}

/* There may be room again for types that the driver refused. */
static void mdev_room_again(struct mdev_set *set)
{
	set->pools->given_back++;
	bitmap_zero(set->pools->refused, set->parent ? set->parent->nr_types : 0);
}

static int mdev_source_check(const struct mdev_parent *parent, const struct mdev_source *source)
{
	const struct mdev_budget *budget = source->budget;
	unsigned int i;

	if (parent->mdev_driver->get_available) {
		dev_err(parent->dev, "mdev: driver %s has both pools and get_available(): remove get_available()\n",
			parent->mdev_driver->driver.name);
		return -EINVAL;
	}
	if (!source->nr_pools || source->nr_pools > MDEV_MAX_POOLS ||
	    (budget ? !budget->resources || !budget->cost : !source->pools)) {
		dev_err(parent->dev, "mdev: a parent with a budget needs 1 to %u pools%s\n",
			MDEV_MAX_POOLS, budget ? " and a cost callback" : "");
		return -EINVAL;
	}
	for (i = 0; !budget && i < source->nr_pools; i++) {
		const struct mdev_pool *pool = &source->pools[i];

		if (!pool->name) {
			dev_err(parent->dev, "mdev: pool %u has no name\n", i);
			return -EINVAL;
		}
		if (pool->cost_size ? pool->cost_size > 8 || !is_power_of_2(pool->cost_size) :
				      !!pool->costs) {
			dev_err(parent->dev, "mdev: pool %s: costs of %u bytes: set them with MDEV_TYPE_COST() or MDEV_COSTS()\n",
				pool->name, pool->cost_size);
			return -EINVAL;
		}
	}
	return 0;
}

static u64 mdev_source_cost(const struct mdev_source *source, struct mdev_type *type,
			    unsigned int row, unsigned int i)
{
	const struct mdev_pool *pool;
	const void *cost;

	if (source->budget)
		return source->budget->cost(type, i);

	pool = &source->pools[i];
	if (!pool->cost_size)
		return 1;
	cost = pool->costs ? pool->costs + (long)row * pool->cost_stride :
			     (const void *)type + pool->cost_stride;
	switch (pool->cost_size) {
	case 1:
		return *(const u8 *)cost;
	case 2:
		return *(const u16 *)cost;
	case 4:
		return *(const u32 *)cost;
	default:
		return *(const u64 *)cost;
	}
}

/* Set up the accounts of a driver's pools and their costs. */
static int mdev_pools_fill(struct mdev_parent *parent, struct mdev_pools *pools,
			   const struct mdev_source *source)
{
	struct mdev_account *account = &pools->account[pools->first];
	unsigned int i, row;

	for (i = 0; i < source->nr_pools; i++) {
		account[i].name = source->budget ? source->budget->resources[i].name :
						   source->pools[i].name;
		account[i].total = source->budget ? source->budget->resources[i].total :
						    source->pools[i].total;
	}
	for (row = 0; row < parent->nr_types; row++) {
		u64 *costs = &pools->costs[row * pools->nr + pools->first];
		bool takes = pools->first;

		for (i = 0; i < source->nr_pools; i++) {
			costs[i] = mdev_source_cost(source, parent->types[row], row, i);
			takes |= costs[i];
		}
		if (!takes) {
			dev_err(parent->dev, "mdev: nothing limits the instances of type %s: it needs a cost above 0 in at least one pool, or the driver a max_instances\n",
				parent->types[row]->sysfs_name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * mdev_pools_alloc() - allocate the accounts of a parent
 * @parent: the parent, with its dev, mdev_driver, types and nr_types set
 * @source: the driver's pools, if any
 *
 * Context: may sleep. The caller frees them with mdev_pools_free().
 * Return: the accounts, or an ERR_PTR(): -EINVAL for an invalid @source (the kernel log says why),
 * or -ENOMEM.
 */
struct mdev_pools *mdev_pools_alloc(struct mdev_parent *parent, const struct mdev_source *source)
{
	const struct mdev_driver *drv = parent->mdev_driver;
	unsigned int first = source->own ? !!drv->max_instances : !drv->get_available;
	struct mdev_pools *pools;
	unsigned int nr = first, row;
	int ret;

	if (source->own) {
		ret = mdev_source_check(parent, source);
		if (ret)
			return ERR_PTR(ret);
		nr += source->nr_pools;
	}

	pools = kzalloc(struct_size(pools, account, nr), GFP_KERNEL);
	if (!pools)
		return ERR_PTR(-ENOMEM);
	pools->nr = nr;
	pools->first = first;

	ret = -ENOMEM;
	pools->refused = bitmap_zalloc(parent->nr_types, GFP_KERNEL);
	pools->costs = kcalloc(array_size(nr, parent->nr_types), sizeof(u64), GFP_KERNEL);
	if (!pools->refused || !pools->costs)
		goto err_free;
	if (first) {
		pools->account[0].name = "instances";
		pools->account[0].total = drv->max_instances;
		for (row = 0; row < parent->nr_types; row++)
			pools->costs[row * nr] = 1;
		atomic_set(&parent->available_instances, drv->max_instances);
	}
	if (source->own) {
		ret = mdev_pools_fill(parent, pools, source);
		if (ret)
			goto err_free;
	}
	return pools;

err_free:
	mdev_pools_free(pools);
	return ERR_PTR(ret);
}

/**
 * mdev_pools_free() - free the accounts of a parent
 * @pools: from mdev_pools_alloc(), no longer in use
 */
void mdev_pools_free(struct mdev_pools *pools)
{
	bitmap_free(pools->refused);
	kfree(pools->costs);
	kfree(pools);
}

/* Whether the refusal that the caller is about to report is the first one. */
static bool mdev_first_refusal(struct mdev_pools *pools)
{
	bool first = !pools->refusal_logged;

	pools->refusal_logged = true;
	return first;
}

/**
 * mdev_charge() - charge an instance of a type to the pools of its parent
 * @charge: of the instance, filled with zeroes
 * @type: the type
 *
 * Context: process context; does not sleep. The caller keeps the parent from being unregistered.
 * Pairs with mdev_uncharge().
 * Return: 0, or -EUSERS if one of the pools does not suffice; then nothing is charged.
 */
int mdev_charge(struct mdev_charge *charge, struct mdev_type *type)
{
	struct mdev_set *set = mdev_set(type->parent);
	struct mdev_pools *pools = set->pools;
	unsigned int row = mdev_row(type), i;
	const u64 *cost = &pools->costs[row * pools->nr];
	struct mdev_account short_of;
	bool log;

	spin_lock(&set->lock);
	for (i = 0; i < pools->nr; i++)
		if (mdev_account_free(&pools->account[i]) < cost[i])
			goto refuse;
	for (i = 0; i < pools->nr; i++)
		pools->account[i].taken += cost[i];
	charge->given_back = pools->given_back;
	mdev_changed(set);
	spin_unlock(&set->lock);

	/* pairs with kset_put() in mdev_charge_drop() */
	kset_get(&set->kset);
	charge->set = set;
	charge->row = row;
	refcount_set(&charge->users, 1);
	init_completion(&charge->gone);
	return 0;

refuse:
	short_of = pools->account[i];
	log = mdev_first_refusal(pools);
	spin_unlock(&set->lock);
	if (log)
		dev_notice(type->parent->dev, "mdev: no room for another instance of type %s: it takes %llu %s, and %llu of %llu are taken; later refusals are not logged\n",
			   type->sysfs_name, cost[i], short_of.name, short_of.taken,
			   short_of.total);
	return -EUSERS;
}

/* Give up one use of a charge; the last one gives everything back. */
static void mdev_charge_drop(struct mdev_charge *charge)
{
	struct mdev_set *set = charge->set;
	struct mdev_pools *pools = set->pools;
	const u64 *cost = &pools->costs[charge->row * pools->nr];
	unsigned int i;

	if (!refcount_dec_and_test(&charge->users))
		return;
	spin_lock(&set->lock);
	for (i = 0; i < pools->nr; i++)
		pools->account[i].taken -= cost[i];
	if (charge->lived)
		mdev_room_again(set);
	mdev_changed(set);
	spin_unlock(&set->lock);
	complete(&charge->gone);
	/* pairs with kset_get() in mdev_charge() */
	kset_put(&set->kset);
}

/**
 * mdev_charge_lives() - note that the creation of an mdev is complete
 * @charge: what it is charged
 *
 * The driver had room for the type, and what the mdev gives back one day makes room.
 *
 * Context: process context; does not sleep.
 */
void mdev_charge_lives(struct mdev_charge *charge)
{
	struct mdev_set *set = charge->set;

	spin_lock(&set->lock);
	charge->lived = true;
	if (__test_and_clear_bit(charge->row, set->pools->refused))
		mdev_changed(set);
	spin_unlock(&set->lock);
}

/**
 * mdev_uncharge() - give back what an instance was charged
 * @charge: from mdev_charge()
 *
 * Waits a while for a driver that uses mdev_charge_get(), so that the pools have it back when the
 * removal returns. A driver that keeps its charge longer than that gives it back later.
 *
 * Context: may sleep. Pairs with mdev_charge().
 */
void mdev_uncharge(struct mdev_charge *charge)
{
	mdev_charge_drop(charge);
	wait_for_completion_timeout(&charge->gone, MDEV_CHARGE_WAIT);
}

/**
 * mdev_charge_get() - keep the charge of an mdev beyond the driver's remove
 * @mdev: the mdev; its driver's probe or remove is running
 *
 * An mdev gives back what it was charged when the driver's remove has returned. A driver that frees
 * the resource later, in the release callback of its vfio device for example, calls this in probe
 * and mdev_charge_put() where it has freed the resource. The core then admits nobody to a resource
 * that is still in use. The write to "remove" waits for mdev_charge_put(), at most two seconds.
 *
 * Context: any process context; does not sleep. Until mdev_charge_put(), @mdev is not freed, also
 * if its parent is unregistered.
 */
void mdev_charge_get(struct mdev_device *mdev)
{
	/* both pair with mdev_charge_put() */
	get_device(&mdev->dev);
	refcount_inc(&to_instance(&mdev->dev)->charge.users);
}
EXPORT_SYMBOL_GPL(mdev_charge_get);

/**
 * mdev_charge_put() - give up the charge of an mdev
 * @mdev: the mdev of the mdev_charge_get() that pairs with this; may be freed when this returns
 *
 * Context: process context; may sleep.
 */
void mdev_charge_put(struct mdev_device *mdev)
{
	mdev_charge_drop(&to_instance(&mdev->dev)->charge);
	put_device(&mdev->dev);
}
EXPORT_SYMBOL_GPL(mdev_charge_put);

/**
 * mdev_refuse() - refuse an mdev that the core has admitted
 * @mdev: the mdev; its driver's probe is running
 *
 * For a driver whose own allocator can fail although the sum of what is free suffices: a pool that
 * fragments. available_instances of the type is 0 from here on, until an mdev of the parent is
 * removed, an mdev of the type is created, or mdev_set_total() is called. A write to "create"
 * reaches the driver all the same.
 *
 * Context: process context; does not sleep.
 * Return: -EUSERS, for probe to return.
 */
int mdev_refuse(struct mdev_device *mdev)
{
	struct mdev_charge *charge = &to_instance(&mdev->dev)->charge;
	struct mdev_pools *pools = charge->set->pools;
	struct mdev_set *set = charge->set;
	bool log;

	spin_lock(&set->lock);
	/* if something was given back since the driver looked, there may be room now */
	if (pools->given_back == charge->given_back)
		__set_bit(charge->row, pools->refused);
	log = mdev_first_refusal(pools);
	mdev_changed(set);
	spin_unlock(&set->lock);
	if (log)
		dev_notice(mdev->type->parent->dev, "mdev: the driver has no room for another instance of type %s; later refusals are not logged\n",
			   mdev->type->sysfs_name);
	return -EUSERS;
}
EXPORT_SYMBOL_GPL(mdev_refuse);

/**
 * mdev_set_total() - change the size of a pool
 * @parent: a registered parent; the caller keeps it from being unregistered
 * @pool: index in the array of pools that the parent was registered with
 * @total: how much there is of the pool now
 *
 * The host takes something for itself or gives it back; the card grew. Existing instances keep what
 * they have. If they have more than @total, no instance that needs the pool is admitted until
 * enough of them are removed. Setting the total that the pool has tells the core that types for
 * which mdev_refuse() was called may have room again.
 *
 * Context: process context; does not sleep.
 * Return: 0, or -EINVAL if the parent has no such pool.
 */
int mdev_set_total(struct mdev_parent *parent, unsigned int pool, u64 total)
{
	struct mdev_set *set = mdev_set(parent);
	struct mdev_pools *pools = set->pools;

	if (pool >= pools->nr - pools->first)
		return -EINVAL;
	spin_lock(&set->lock);
	pools->account[pools->first + pool].total = total;
	mdev_room_again(set);
	mdev_changed(set);
	spin_unlock(&set->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(mdev_set_total);

/**
 * mdev_available() - compute how many more instances of a type can be created
 * @type: the type
 *
 * Context: may sleep, because it calls get_available() of a driver that does its own counting.
 * Return: the number, at most INT_MAX: user space reads it into a signed integer.
 */
unsigned int mdev_available(struct mdev_type *type)
{
	struct mdev_set *set = mdev_set(type->parent);
	struct mdev_driver *drv = type->parent->mdev_driver;
	struct mdev_pools *pools = set->pools;
	unsigned int row = mdev_row(type), i;
	const u64 *cost = &pools->costs[row * pools->nr];
	u64 n = INT_MAX;

	if (drv->get_available)
		return min_t(unsigned int, drv->get_available(type), INT_MAX);

	spin_lock(&set->lock);
	if (test_bit(row, pools->refused))
		n = 0;
	for (i = 0; i < pools->nr; i++)
		if (cost[i])
			n = min(n, div64_u64(mdev_account_free(&pools->account[i]), cost[i]));
	spin_unlock(&set->lock);
	return n;
}
