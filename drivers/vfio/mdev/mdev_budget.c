// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting: how much is left of the resources that the instances of a parent share
 *
 * Every resource is a pool. mdev_driver.max_instances is a pool too, and each instance takes one
 * of it. A driver with get_available does its own counting and has no pools. One spinlock per
 * parent covers all its pools: an instance gets everything that its type costs or nothing, and the
 * available_instances of all types are computed from the same state.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "mdev_private.h"

/* The costs of one type, an entry per pool. A parent has a handful of types. */
static const u64 *mdev_costs(const struct mdev_pools *pools, const struct mdev_type *type)
{
	const struct mdev_parent *parent = type->parent;
	unsigned int row = 0;

	while (parent->types[row] != type)
		row++;
	return &pools->costs[row * pools->nr_pools];
}

/* Drivers may read mdev_parent.available_instances: keep it equal to the pool of instances. */
static void mdev_publish_available(struct mdev_parent *parent, const struct mdev_pools *pools)
{
	if (pools->instances >= 0)
		atomic_set(&parent->available_instances, pools->pool[pools->instances].free);
}

static int mdev_budget_check(const struct mdev_parent *parent, const struct mdev_budget *budget)
{
	if (parent->mdev_driver->get_available) {
		dev_err(parent->dev, "mdev: driver %s has both a budget and get_available(): remove get_available()\n",
			parent->mdev_driver->driver.name);
		return -EINVAL;
	}
	if (!budget->resources || !budget->cost || !budget->nr_resources ||
	    budget->nr_resources > MDEV_MAX_RESOURCES) {
		dev_err(parent->dev, "mdev: a budget needs 1 to %u resources and a cost callback\n",
			MDEV_MAX_RESOURCES);
		return -EINVAL;
	}
	return 0;
}

/* Set up the pools of a budget, which begin with the pool @first. */
static int mdev_pools_fill(struct mdev_parent *parent, struct mdev_pools *pools,
			   const struct mdev_budget *budget, unsigned int first)
{
	unsigned int r, t;

	for (r = 0; r < budget->nr_resources; r++) {
		pools->pool[first + r].name = budget->resources[r].name;
		pools->pool[first + r].free = budget->resources[r].total;
	}
	for (t = 0; t < parent->nr_types; t++) {
		u64 *row = &pools->costs[t * pools->nr_pools + first];
		bool costs = false;

		for (r = 0; r < budget->nr_resources; r++) {
			row[r] = budget->cost(parent->types[t], r);
			costs |= row[r];
		}
		if (!costs) {
			dev_err(parent->dev, "mdev: type %s takes nothing of the budget: its cost callback must return more than 0 for at least one resource\n",
				parent->types[t]->sysfs_name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * mdev_pools_alloc() - allocate the pools of a parent
 * @parent: the parent, with its dev, mdev_driver, types and nr_types set
 * @budget: the shared resources, or NULL
 *
 * Context: may sleep. The caller frees the pools with mdev_pools_free().
 * Return: the pools, or an ERR_PTR(): -EINVAL for an invalid budget (the kernel log says why), or
 * -ENOMEM.
 */
struct mdev_pools *mdev_pools_alloc(struct mdev_parent *parent, const struct mdev_budget *budget)
{
	const struct mdev_driver *drv = parent->mdev_driver;
	bool count = budget ? drv->max_instances : !drv->get_available;
	unsigned int nr_pools = count, t;
	struct mdev_pools *pools;
	int ret;

	if (budget) {
		ret = mdev_budget_check(parent, budget);
		if (ret)
			return ERR_PTR(ret);
		nr_pools += budget->nr_resources;
	}

	pools = kzalloc(struct_size(pools, pool, nr_pools), GFP_KERNEL);
	if (!pools)
		return ERR_PTR(-ENOMEM);
	pools->nr_pools = nr_pools;
	pools->instances = count ? 0 : -1;

	ret = -ENOMEM;
	pools->costs = kcalloc(array_size(nr_pools, parent->nr_types), sizeof(u64), GFP_KERNEL);
	if (!pools->costs)
		goto err_free;
	if (count) {
		pools->pool[0].name = "instances";
		pools->pool[0].free = drv->max_instances;
		for (t = 0; t < parent->nr_types; t++)
			pools->costs[t * nr_pools] = 1;
	}
	if (budget) {
		ret = mdev_pools_fill(parent, pools, budget, count);
		if (ret)
			goto err_free;
	}
	mdev_publish_available(parent, pools);
	return pools;

err_free:
	mdev_pools_free(pools);
	return ERR_PTR(ret);
}

/**
 * mdev_pools_free() - free the pools of a parent
 * @pools: from mdev_pools_alloc(), no longer in use
 */
void mdev_pools_free(struct mdev_pools *pools)
{
	kfree(pools->costs);
	kfree(pools);
}

/**
 * mdev_charge() - charge an instance of a type to the pools of its parent
 * @type: the type
 *
 * Context: process context; the caller keeps the parent from being unregistered. Pairs with
 * mdev_uncharge().
 * Return: 0, or -EUSERS if one of the pools does not suffice; then nothing is charged.
 */
int mdev_charge(struct mdev_type *type)
{
	struct mdev_set *set = mdev_set(type->parent);
	struct mdev_pools *pools = set->pools;
	const u64 *cost = mdev_costs(pools, type);
	unsigned int i;

	spin_lock(&set->lock);
	for (i = 0; i < pools->nr_pools; i++)
		if (pools->pool[i].free < cost[i])
			goto refuse;
	for (i = 0; i < pools->nr_pools; i++)
		pools->pool[i].free -= cost[i];
	mdev_publish_available(type->parent, pools);
	spin_unlock(&set->lock);
	return 0;

refuse:
	dev_dbg(type->parent->dev, "mdev: type %s needs %llu %s, %llu are free\n",
		type->sysfs_name, cost[i], pools->pool[i].name, pools->pool[i].free);
	spin_unlock(&set->lock);
	return -EUSERS;
}

/**
 * mdev_uncharge() - give back what an instance of a type was charged
 * @type: the type
 *
 * Context: process context; the caller keeps the parent from being unregistered. Pairs with
 * mdev_charge().
 */
void mdev_uncharge(struct mdev_type *type)
{
	struct mdev_set *set = mdev_set(type->parent);
	struct mdev_pools *pools = set->pools;
	const u64 *cost = mdev_costs(pools, type);
	unsigned int i;

	spin_lock(&set->lock);
	for (i = 0; i < pools->nr_pools; i++)
		pools->pool[i].free += cost[i];
	mdev_publish_available(type->parent, pools);
	spin_unlock(&set->lock);
}

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
	const u64 *cost;
	u64 n = INT_MAX;
	unsigned int i;

	if (drv->get_available)
		return min_t(unsigned int, drv->get_available(type), INT_MAX);

	cost = mdev_costs(pools, type);
	spin_lock(&set->lock);
	for (i = 0; i < pools->nr_pools; i++)
		if (cost[i])
			n = min(n, div64_u64(pools->pool[i].free, cost[i]));
	spin_unlock(&set->lock);
	return n;
}
