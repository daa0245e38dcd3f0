/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mdev_test.ko offers to mdev_test_budget.ko
 *
 * Nothing in here depends on which core's <linux/mdev.h> the including file sees: the structures of
 * both are the same, that is the point of the exercise.
 */
#ifndef MDEV_TEST_H
#define MDEV_TEST_H

#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/refcount.h>

#define MDEV_TEST_MAX_TYPES	64

/**
 * struct mdev_test_type - a type of a test parent
 * @type: what the core knows of it
 * @name: the second half of the type's directory name: t0, t1, ...
 * @pretty: what the attribute "name" shows, unless the parent was made with pretty=0
 * @cost: what an instance takes of each resource; for mdev_test_budget while it registers
 */
struct mdev_test_type {
	struct mdev_type type;
	char name[16];
	char pretty[24];
	const u64 *cost;
};

/**
 * struct mdev_test_driver - a driver of the mdevs of one or more test parents
 * @mdev_driver: what the core knows of it
 * @name: that of the parent it was made for, behind "mdev_test_"
 * @users: the parents that use it
 */
struct mdev_test_driver {
	struct mdev_driver mdev_driver;
	char name[48];
	refcount_t users;
};

/**
 * struct mdev_test_parent - a parent that a test made
 * @parent: what the core knows of it
 * @node: in the list of all test parents
 * @leaving: its end has begun
 * @dev: the device that mdevs become children of
 * @drv: the driver of its mdevs
 * @types: what it offers
 * @type_ptrs: the same, in the form the core takes
 * @nr_types: number of entries in both
 * @probe_error: probe fails with this errno; a positive number
 * @probe_delay: probe takes this many milliseconds longer
 * @remove_delay: so does remove
 * @hold: each new mdev gets an extra reference, dropped by a write to "drop" on the bus
 * @capacity: with get_available: how many instances probe admits
 * @forced_available: with get_available: what it returns, when not -1
 * @used: how many are there
 * @probes: how often probe succeeded
 * @removes: how often remove was called
 *
 * Overwritten and freed as soon as mdev_unregister_parent() has returned, with its types and, with
 * the last user, the driver: a core that looks at one of them later reads rubbish.
 */
struct mdev_test_parent {
	struct mdev_parent parent;
	struct list_head node;
	bool leaving;
	struct device *dev;
	struct mdev_test_driver *drv;
	struct mdev_test_type *types;
	struct mdev_type **type_ptrs;
	unsigned int nr_types;
	atomic_t probe_error;
	atomic_t probe_delay;
	atomic_t remove_delay;
	atomic_t hold;
	int capacity;
	atomic_t forced_available;
	atomic_t used;
	atomic_t probes;
	atomic_t removes;
};

/**
 * typedef mdev_test_register_fn - registers a test parent with the core
 * @tp: the parent, complete but for that
 * @words: the words that mdev_test_new_parent() did not know, or an empty string
 *
 * Return: 0, or what the write to the bus attribute shall fail with.
 */
typedef int (*mdev_test_register_fn)(struct mdev_test_parent *tp, char *words);

int mdev_test_new_parent(const char *words, mdev_test_register_fn reg);
int mdev_test_hold(struct mdev_device *mdev);

extern const struct bus_type mdev_test_bus;

#endif /* MDEV_TEST_H */
