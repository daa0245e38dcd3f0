// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test parents with a budget, and lookup of an mdev by its UUID
 *
 * The module uses this project's additions to the mdev core and does not load on the stock core.
 *
 * A write to /sys/bus/mdev_test/new_budget_parent has the words of new_parent, and
 *	total=N,N,...		units of each resource
 *	cost=N,N,...:N,N,...	units of each resource for one instance, for each type
 *	bad=budget		passes NULL instead of a budget
 *	bad=cost		passes a budget without a cost callback
 *	bad=none, bad=many	passes no resource, or one more than the core allows
 * A write of a UUID to find fails with ENOENT if the core does not find the mdev; find_hold
 * also keeps the reference until a write to "drop".
 */
#include <linux/module.h>
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "mdev_test.h"

#ifndef MDEV_HAVE_BUDGET
#error "this is the stock <linux/mdev.h>: build with MDEV_INCLUDE=, see Kbuild"
#endif

/* for bad=many: one more than the core allows */
#define MAX_RESOURCES (MDEV_MAX_RESOURCES + 1)

struct budget_words {
	struct mdev_resource resources[MAX_RESOURCES];
	unsigned int nr_resources;
	u64 cost[MDEV_TEST_MAX_TYPES][MAX_RESOURCES];
	const char *bad;
};

static u64 budget_cost(struct mdev_type *mtype, unsigned int resource)
{
	return container_of(mtype, struct mdev_test_type, type)->cost[resource];
}

static int numbers_parse(char *list, u64 *out, unsigned int max)
{
	unsigned int n = 0;
	char *word;

	while ((word = strsep(&list, ","))) {
		if (n == max || kstrtou64(word, 0, &out[n]))
			return -EBADMSG;
		n++;
	}
	return n;
}

/* Parse errors are EBADMSG: the tests expect EINVAL from the core only. */
static int budget_parse(struct budget_words *b, char *words)
{
	u64 total[MAX_RESOURCES];
	unsigned int type = 0;
	char *word, *list;
	int i, n;

	while ((word = strsep(&words, " "))) {
		if (!*word)
			continue;
		if (strstarts(word, "bad=")) {
			b->bad = word + strlen("bad=");
		} else if (strstarts(word, "total=")) {
			n = numbers_parse(word + strlen("total="), total, MAX_RESOURCES);
			if (n < 0)
				return n;
			b->nr_resources = n;
			for (i = 0; i < n; i++) {
				b->resources[i].name = "units";
				b->resources[i].total = total[i];
			}
		} else if (strstarts(word, "cost=")) {
			word += strlen("cost=");
			while ((list = strsep(&word, ":"))) {
				if (type == MDEV_TEST_MAX_TYPES)
					return -EBADMSG;
				n = numbers_parse(list, b->cost[type++], MAX_RESOURCES);
				if (n < 0)
					return n;
			}
		} else {
			return -EBADMSG;
		}
	}
	return 0;
}

static int register_budget(struct mdev_test_parent *tp, char *words)
{
	struct budget_words *b = kzalloc(sizeof(*b), GFP_KERNEL);
	struct mdev_budget budget = { .cost = budget_cost };
	bool none = false;
	unsigned int i;
	int ret;

	if (!b)
		return -ENOMEM;
	ret = budget_parse(b, words);
	if (ret)
		goto free_words;

	budget.resources = b->resources;
	budget.nr_resources = b->nr_resources;
	if (b->bad) {
		if (!strcmp(b->bad, "budget"))
			none = true;
		else if (!strcmp(b->bad, "cost"))
			budget.cost = NULL;
		else if (!strcmp(b->bad, "none"))
			budget.nr_resources = 0;
		else if (!strcmp(b->bad, "many"))
			budget.nr_resources = MAX_RESOURCES;
	}

	for (i = 0; i < tp->nr_types; i++)
		tp->types[i].cost = b->cost[i];
	ret = mdev_register_parent_budget(&tp->parent, tp->dev, &tp->drv->mdev_driver,
					  tp->type_ptrs, tp->nr_types, none ? NULL : &budget);
	for (i = 0; i < tp->nr_types; i++)
		tp->types[i].cost = NULL;

free_words:
	/* overwrite the budget: the core must have copied it */
	memset(b, 0x6b, sizeof(*b));
	barrier_data(b);
	kfree(b);
	return ret;
}

static ssize_t new_budget_parent_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	int ret = mdev_test_new_parent(buf, register_budget);

	return ret ? ret : count;
}
static BUS_ATTR_WO(new_budget_parent);

static struct mdev_device *find(const char *buf)
{
	struct mdev_device *mdev;
	guid_t uuid;
	int ret;

	ret = guid_parse(buf, &uuid);
	if (ret)
		return ERR_PTR(ret);
	mdev = mdev_get_by_uuid(&uuid);
	if (!mdev)
		return ERR_PTR(-ENOENT);
	if (!guid_equal(&mdev->uuid, &uuid)) {
		put_device(mdev_dev(mdev));
		return ERR_PTR(-EBADMSG);
	}
	return mdev;
}

static ssize_t find_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	struct mdev_device *mdev = find(buf);

	if (IS_ERR(mdev))
		return PTR_ERR(mdev);
	put_device(mdev_dev(mdev));
	return count;
}
static BUS_ATTR_WO(find);

static ssize_t find_hold_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	struct mdev_device *mdev = find(buf);
	int ret;

	if (IS_ERR(mdev))
		return PTR_ERR(mdev);
	ret = mdev_test_hold(mdev);
	if (ret) {
		put_device(mdev_dev(mdev));
		return ret;
	}
	return count;
}
static BUS_ATTR_WO(find_hold);

static struct bus_attribute * const attrs[] = {
	&bus_attr_new_budget_parent,
	&bus_attr_find,
	&bus_attr_find_hold,
};

static int __init mdev_test_budget_init(void)
{
	int i, ret = 0;

	for (i = 0; i < ARRAY_SIZE(attrs) && !ret; i++)
		ret = bus_create_file(&mdev_test_bus, attrs[i]);
	if (ret) {
		/* attrs[i - 1] is the one that failed */
		for (i--; i > 0; i--)
			bus_remove_file(&mdev_test_bus, attrs[i - 1]);
	}
	return ret;
}

static void __exit mdev_test_budget_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		bus_remove_file(&mdev_test_bus, attrs[i]);
}

module_init(mdev_test_budget_init);
module_exit(mdev_test_budget_exit);

MODULE_DESCRIPTION("Test parents with a budget");
MODULE_LICENSE("GPL");
