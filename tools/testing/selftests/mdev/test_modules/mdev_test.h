/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface of mdev_test.ko for mdev_test_budget.ko
 *
 * The two modules include different versions of <linux/mdev.h>, the stock one and this project's:
 * the structures must be the same in both.
 */
#ifndef MDEV_TEST_H
#define MDEV_TEST_H

#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/refcount.h>

/* const or not, as in this tree's struct device */
#define mdev_test_bus_type typeof(*((struct device *)NULL)->bus)

#define MDEV_TEST_MAX_TYPES	64

/**
 * struct mdev_test_type - a type of a test parent
 * @type: the type as the core sees it
 * @name: the second half of the type's directory name: t0, t1, ...
 * @pretty: contents of the attribute "name", unless the parent has pretty=0
 * @cost: units of each resource for one instance; set by mdev_test_budget during registration
 * @units: units of the only pool for one instance
 */
struct mdev_test_type {
	struct mdev_type type;
	char name[16];
	char pretty[24];
	const u64 *cost;
	u32 units;
};

/**
 * struct mdev_test_driver - a driver of the mdevs of one or more test parents
 * @mdev_driver: the driver as the core sees it
 * @name: "mdev_test_" and the name of its first parent
 * @users: number of parents that share it
 */
struct mdev_test_driver {
	struct mdev_driver mdev_driver;
	char name[48];
	refcount_t users;
};

/**
 * struct mdev_test_parent - a test parent
 * @parent: the parent as the core sees it
 * @node: entry in the list of all test parents
 * @leaving: it is incomplete, or being removed: del_parent and driver= must not use it
 * @dev: the parent device of its mdevs
 * @drv: the driver of its mdevs
 * @types: array of its types
 * @type_ptrs: array of pointers to them, for the core
 * @nr_types: number of entries in both arrays
 * @probe_error: if not 0, probe fails with this errno (a positive number)
 * @probe_delay: milliseconds that probe sleeps
 * @remove_delay: milliseconds that remove sleeps
 * @hold: if not 0, probe takes a reference, which a write to "drop" drops
 * @capacity: with get_available(): number of instances that probe admits
 * @forced_available: with get_available(): its return value, if not -1
 * @own: for mdev_test_budget, with the two callbacks
 * @probed: NULL, or the end of probe; its error is that of probe
 * @removed: NULL, or the end of remove
 * @used: number of mdevs
 * @probes: number of successful calls of probe
 * @removes: number of calls of remove
 *
 * The parent, its types and, with its last user, the driver are overwritten and freed right after
 * mdev_unregister_parent(): a core that uses one of them later reads poison.
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
	void *own;
	int (*probed)(struct mdev_device *mdev);
	void (*removed)(struct mdev_device *mdev);
	int capacity;
	atomic_t forced_available;
	atomic_t used;
	atomic_t probes;
	atomic_t removes;
};

/**
 * typedef mdev_test_register_fn - registers a test parent with the core
 * @tp: the parent
 * @words: the words that mdev_test_new_parent() does not know, or an empty string
 *
 * Return: 0, or the error for the write to the bus attribute.
 */
typedef int (*mdev_test_register_fn)(struct mdev_test_parent *tp, char *words);

int mdev_test_new_parent(const char *words, mdev_test_register_fn reg);
int mdev_test_hold(struct mdev_device *mdev);

extern mdev_test_bus_type mdev_test_bus;

#endif /* MDEV_TEST_H */
