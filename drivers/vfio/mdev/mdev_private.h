/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the mdev core share
 *
 * Calls run downwards: mdev_core.c (parents) uses mdev_type.c (type directories), which uses
 * mdev_device.c (one mdev), which uses mdev_driver.c (the bus) and mdev_budget.c (the books).
 */
#ifndef MDEV_PRIVATE_H
#define MDEV_PRIVATE_H

#include <linux/completion.h>
#include <linux/mdev.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#ifndef MDEV_HAVE_BUDGET
#error "this is the kernel's own <linux/mdev.h>: our include/ must come first in LINUXINCLUDE"
#endif

/**
 * struct mdev_pool - one shared resource, in the books of a parent
 * @name: what the driver calls it
 * @free: how much of it is not taken, in the driver's units; under &mdev_books.lock
 */
struct mdev_pool {
	const char *name;
	u64 free;
};

/**
 * struct mdev_books - what the core knows of a registered parent beyond struct mdev_parent
 * @kset: the directory mdev_supported_types; it carries the reference count of the books
 * @lock: for the pools' @free, and for &mdev_device.active of the parent's mdevs
 * @type_count: one for each type whose kobject is not released, and one for the registration
 * @types_gone: completed when @type_count falls to zero
 * @instances: index of the pool that stands for &mdev_driver.max_instances, or -1
 * @nr_pools: number of shared resources; 0 when the driver does its own counting
 * @costs: row by row for each type, what one instance takes of each pool
 * @pools: the shared resources
 *
 * struct mdev_parent must not grow, so this hangs off its mdev_types_kset.
 */
struct mdev_books {
	struct kset kset;
	/* for pools[].free and for the state of the parent's mdevs; innermost, not held long */
	spinlock_t lock;
	refcount_t type_count;
	struct completion types_gone;
	int instances;
	unsigned int nr_pools;
	u64 *costs;
	struct mdev_pool pools[] __counted_by(nr_pools);
};

static inline struct mdev_books *mdev_books(const struct mdev_parent *parent)
{
	return container_of(parent->mdev_types_kset, struct mdev_books, kset);
}

/* mdev_type.c */
int mdev_types_add(struct mdev_parent *parent);
void mdev_types_remove(struct mdev_parent *parent);

/* mdev_device.c */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid);
void mdev_device_remove_all(struct mdev_parent *parent);

/* mdev_driver.c; as const as the driver core of this tree takes it */
extern typeof(*((struct device *)NULL)->bus) mdev_bus_type;

/* mdev_budget.c */
int mdev_books_open(struct mdev_parent *parent, const struct mdev_budget *budget);
void mdev_books_close(struct mdev_parent *parent);
int mdev_books_take(struct mdev_type *type);
void mdev_books_give_back(struct mdev_type *type);
unsigned int mdev_books_available(struct mdev_type *type);

#endif /* MDEV_PRIVATE_H */
