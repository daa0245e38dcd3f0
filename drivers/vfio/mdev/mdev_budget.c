// SPDX-License-Identifier: GPL-2.0-only
/*
 * The books of a parent: how much of what its instances share is taken
 *
 * Every resource is a pool. mdev_driver.max_instances is a pool too, of which each instance takes
 * one; a driver with get_available counts for itself and has no pools. One spinlock for each
 * parent covers all its pools, so an instance gets all that it needs or nothing, and the numbers
 * of all types are read from the same state.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "mdev_private.h"

static void mdev_books_release(struct kobject *kobj)
{
	struct mdev_books *books = container_of(to_kset(kobj), struct mdev_books, kset);

	kfree(books->costs);
	kfree(books);
}

static typeof(*((struct kobject *)NULL)->ktype) mdev_books_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = mdev_books_release,
};

/* The row of costs of one type. A parent has a handful of types. */
static const u64 *mdev_books_row(const struct mdev_books *books, const struct mdev_type *type)
{
	const struct mdev_parent *parent = type->parent;
	unsigned int row = 0;

	while (parent->types[row] != type)
		row++;
	return &books->costs[row * books->nr_pools];
}

/* struct mdev_parent shows drivers how many instances are left; pool and copy change together */
static void mdev_books_publish(struct mdev_parent *parent, const struct mdev_books *books)
{
	if (books->instances >= 0)
		atomic_set(&parent->available_instances, books->pools[books->instances].free);
}

static int mdev_budget_check(const struct mdev_parent *parent, const struct mdev_budget *budget)
{
	if (parent->mdev_driver->get_available) {
		dev_err(parent->dev, "mdev: driver %s has a budget and counts for itself too: drop get_available\n",
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

/* Fill the columns of a budget, from the column @first on. */
static int mdev_books_enter(struct mdev_parent *parent, struct mdev_books *books,
			    const struct mdev_budget *budget, unsigned int first)
{
	unsigned int r, t;

	for (r = 0; r < budget->nr_resources; r++) {
		books->pools[first + r].name = budget->resources[r].name;
		books->pools[first + r].free = budget->resources[r].total;
	}
	for (t = 0; t < parent->nr_types; t++) {
		u64 *row = &books->costs[t * books->nr_pools + first];
		bool costs = false;

		for (r = 0; r < budget->nr_resources; r++) {
			row[r] = budget->cost(parent->types[t], r);
			costs |= row[r];
		}
		if (!costs) {
			dev_err(parent->dev, "mdev: type %s takes nothing of the budget\n",
				parent->types[t]->sysfs_name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * mdev_books_open() - set up the books of a parent and its directory mdev_supported_types
 * @parent: the parent, with its dev, mdev_driver, types and nr_types set
 * @budget: what its instances share, or NULL
 *
 * Context: may sleep. On success &mdev_parent.mdev_types_kset holds the books until
 * mdev_books_close().
 * Return: 0, -EINVAL for a budget that makes no sense (the kernel log says why), -ENOMEM, or the
 * error of adding the directory.
 */
int mdev_books_open(struct mdev_parent *parent, const struct mdev_budget *budget)
{
	const struct mdev_driver *drv = parent->mdev_driver;
	bool count = budget ? drv->max_instances : !drv->get_available;
	unsigned int nr_pools = count, t;
	struct mdev_books *books;
	int ret;

	if (budget) {
		ret = mdev_budget_check(parent, budget);
		if (ret)
			return ret;
		nr_pools += budget->nr_resources;
	}

	books = kzalloc(struct_size(books, pools, nr_pools), GFP_KERNEL);
	if (!books)
		return -ENOMEM;
	books->nr_pools = nr_pools;
	books->instances = count ? 0 : -1;
	spin_lock_init(&books->lock);
	refcount_set(&books->type_count, 1);
	init_completion(&books->types_gone);

	ret = -ENOMEM;
	books->costs = kcalloc(array_size(nr_pools, parent->nr_types), sizeof(u64), GFP_KERNEL);
	if (!books->costs)
		goto err_free;
	if (count) {
		books->pools[0].name = "instances";
		books->pools[0].free = drv->max_instances;
		for (t = 0; t < parent->nr_types; t++)
			books->costs[t * nr_pools] = 1;
	}
	if (budget) {
		ret = mdev_books_enter(parent, books, budget, count);
		if (ret)
			goto err_free;
	}
	mdev_books_publish(parent, books);

	books->kset.kobj.ktype = &mdev_books_ktype;
	books->kset.kobj.parent = &parent->dev->kobj;
	ret = kobject_set_name(&books->kset.kobj, "mdev_supported_types");
	if (ret)
		goto err_free;
	/* frees the name when it fails, and nothing else */
	ret = kset_register(&books->kset);
	if (ret)
		goto err_free;

	parent->mdev_types_kset = &books->kset;
	return 0;

err_free:
	kfree(books->costs);
	kfree(books);
	return ret;
}

/**
 * mdev_books_close() - remove the directory mdev_supported_types and drop the books
 * @parent: a parent whose types are all released
 *
 * Context: may sleep. Pairs with mdev_books_open().
 */
void mdev_books_close(struct mdev_parent *parent)
{
	kset_unregister(parent->mdev_types_kset);
	parent->mdev_types_kset = NULL;
}

/**
 * mdev_books_take() - enter a new instance of a type into the books
 * @type: the type
 *
 * Context: process context; the caller keeps the parent from being unregistered. Pairs with
 * mdev_books_give_back().
 * Return: 0, or -EUSERS when one of the resources does not suffice; then nothing is taken.
 */
int mdev_books_take(struct mdev_type *type)
{
	struct mdev_books *books = mdev_books(type->parent);
	const u64 *cost = mdev_books_row(books, type);
	unsigned int i;

	spin_lock(&books->lock);
	for (i = 0; i < books->nr_pools; i++)
		if (books->pools[i].free < cost[i])
			goto refuse;
	for (i = 0; i < books->nr_pools; i++)
		books->pools[i].free -= cost[i];
	mdev_books_publish(type->parent, books);
	spin_unlock(&books->lock);
	return 0;

refuse:
	dev_dbg(type->parent->dev, "mdev: type %s needs %llu %s, %llu are free\n",
		type->sysfs_name, cost[i], books->pools[i].name, books->pools[i].free);
	spin_unlock(&books->lock);
	return -EUSERS;
}

/**
 * mdev_books_give_back() - strike an instance of a type from the books
 * @type: the type
 *
 * Context: process context; the caller keeps the parent from being unregistered. Pairs with
 * mdev_books_take().
 */
void mdev_books_give_back(struct mdev_type *type)
{
	struct mdev_books *books = mdev_books(type->parent);
	const u64 *cost = mdev_books_row(books, type);
	unsigned int i;

	spin_lock(&books->lock);
	for (i = 0; i < books->nr_pools; i++)
		books->pools[i].free += cost[i];
	mdev_books_publish(type->parent, books);
	spin_unlock(&books->lock);
}

/**
 * mdev_books_available() - how many more instances of a type can be created
 * @type: the type
 *
 * Context: may sleep, because a driver that counts for itself is asked.
 * Return: the number, at most INT_MAX: user space reads it into a signed integer.
 */
unsigned int mdev_books_available(struct mdev_type *type)
{
	struct mdev_books *books = mdev_books(type->parent);
	struct mdev_driver *drv = type->parent->mdev_driver;
	const u64 *cost;
	u64 n = INT_MAX;
	unsigned int i;

	if (drv->get_available)
		return min_t(unsigned int, drv->get_available(type), INT_MAX);

	cost = mdev_books_row(books, type);
	spin_lock(&books->lock);
	for (i = 0; i < books->nr_pools; i++)
		if (cost[i])
			n = min(n, div64_u64(books->pools[i].free, cost[i]));
	spin_unlock(&books->lock);
	return n;
}
