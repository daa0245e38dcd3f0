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
 * A write to new_pools_parent registers a parent with struct mdev_pool. It has the words of
 * new_parent, total= and cost= as above, and
 *	size=N			a cost is a number of N bytes, 8 by default
 *	plain=1			the costs are an array of numbers
 *	intype=1		the costs are in the structure around the type; one pool
 *	nocost=N		pool N has no costs, so that an instance takes one
 *	bad=pools, bad=name, bad=size, bad=nosize, bad=none, bad=many
 *				passes NULL, a pool without a name, ...
 *	room=N			the driver has room for N instances, and refuses more
 *	late=MS			the driver frees the room of an mdev MS after its remove
 *	keep=1			and keeps the charge of the mdev as long
 * A write of "PARENT POOL TOTAL" to set_total changes a pool; of "PARENT N" to room, the room.
 * A write of a UUID to find fails with ENOENT if the core does not find the mdev; find_hold
 * also keeps the reference until a write to "drop"; find_type also looks at its type, or fails
 * with ENODEV if it is not bound.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>

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
	u64 column[MAX_RESOURCES][MDEV_TEST_MAX_TYPES];
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

/* Parents with pools */

/* The costs of a type, in the sizes that a driver may have them in */
struct pool_costs {
	char name[3];
	u8 c1[MAX_RESOURCES];
	u16 c2[MAX_RESOURCES];
	u32 c4[MAX_RESOURCES];
	u64 c8[MAX_RESOURCES];
};

/**
 * struct pools_own - what the driver of a parent has for its instances
 * @node: in pools_owners, the newest first
 * @name: of the parent's device
 * @parent: the parent
 * @room: how many more instances the driver has room for. Locking: pools_lock
 * @late: milliseconds from remove to the release of an instance's room
 * @keep: the driver keeps the charge until then
 *
 * The driver's state outlives the parent, until the module is unloaded.
 */
struct pools_own {
	struct list_head node;
	char name[32];
	struct mdev_parent *parent;
	int room;
	unsigned int late;
	bool keep;
};

/* An instance whose room is still in use after its remove */
struct pools_late {
	struct work_struct work;
	struct pools_own *own;
	struct mdev_device *mdev;
};

static LIST_HEAD(pools_owners);
static struct workqueue_struct *pools_queue;
static DEFINE_MUTEX(pools_lock);	/* protects pools_owners and pools_own.room */

static struct pools_own *pools_own_of(struct mdev_device *mdev)
{
	return container_of(mdev->type->parent, struct mdev_test_parent, parent)->own;
}

static int pools_probed(struct mdev_device *mdev)
{
	struct pools_own *own = pools_own_of(mdev);
	bool room;

	mutex_lock(&pools_lock);
	room = own->room > 0;
	own->room -= room;
	mutex_unlock(&pools_lock);
	if (!room)
		return mdev_refuse(mdev);
	/* pairs with mdev_charge_put() in pools_free_room() */
	if (own->keep)
		mdev_charge_get(mdev);
	return 0;
}

static void pools_free_room(struct pools_own *own, struct mdev_device *mdev)
{
	mutex_lock(&pools_lock);
	own->room++;
	mutex_unlock(&pools_lock);
	if (own->keep)
		mdev_charge_put(mdev);
}

static void pools_late_work(struct work_struct *work)
{
	struct pools_late *late = container_of(work, struct pools_late, work);

	msleep(late->own->late);
	pools_free_room(late->own, late->mdev);
	kfree(late);
}

static void pools_removed(struct mdev_device *mdev)
{
	struct pools_own *own = pools_own_of(mdev);
	struct pools_late *late = own->late ? kzalloc(sizeof(*late), GFP_KERNEL) : NULL;

	if (!late) {
		pools_free_room(own, mdev);
		return;
	}
	late->own = own;
	late->mdev = mdev;
	INIT_WORK(&late->work, pools_late_work);
	queue_work(pools_queue, &late->work);
}

/* The words of new_pools_parent that new_budget_parent does not have; they are cut out. */
struct pools_words {
	unsigned int size, nocost, room, late;
	bool plain, intype, keep;
};

static int pools_parse(struct pools_words *p, char *words)
{
	char *out = words, *word;

	*p = (struct pools_words){ .size = 8, .nocost = MAX_RESOURCES };
	while ((word = strsep(&words, " "))) {
		if (sscanf(word, "size=%u", &p->size) == 1 ||
		    sscanf(word, "nocost=%u", &p->nocost) == 1 ||
		    sscanf(word, "room=%u", &p->room) == 1 ||
		    sscanf(word, "late=%u", &p->late) == 1)
			continue;
		if (!strcmp(word, "plain=1")) {
			p->plain = true;
		} else if (!strcmp(word, "intype=1")) {
			p->intype = true;
		} else if (!strcmp(word, "keep=1")) {
			p->keep = true;
		} else if (*word) {
			size_t len = strlen(word);

			memmove(out, word, len);
			out += len;
			*out++ = ' ';
		}
	}
	*out = 0;
	return 0;
}

static void pools_fill(struct mdev_pool *pools, struct budget_words *b, struct pools_words *p,
		       struct pool_costs *table)
{
	unsigned int i, t;

	for (i = 0; i < b->nr_resources; i++) {
		const char *name = "units";
		u64 total = b->resources[i].total;
		struct mdev_pool pool = { name, total };

		for (t = 0; t < MDEV_TEST_MAX_TYPES; t++) {
			b->column[i][t] = b->cost[t][i];
			table[t].c1[i] = b->cost[t][i];
			table[t].c2[i] = b->cost[t][i];
			table[t].c4[i] = b->cost[t][i];
			table[t].c8[i] = b->cost[t][i];
		}
		if (i == p->nocost)
			;
		else if (p->intype)
			pool = (struct mdev_pool){
				name, total, MDEV_TYPE_COST(struct mdev_test_type, type, units)
			};
		else if (p->plain)
			pool = (struct mdev_pool){ name, total, MDEV_COST_ARRAY(b->column[i]) };
		else if (p->size == 1)
			pool = (struct mdev_pool){ name, total, MDEV_COSTS(table, c1[i]) };
		else if (p->size == 2)
			pool = (struct mdev_pool){ name, total, MDEV_COSTS(table, c2[i]) };
		else if (p->size == 4)
			pool = (struct mdev_pool){ name, total, MDEV_COSTS(table, c4[i]) };
		else
			pool = (struct mdev_pool){ name, total, MDEV_COSTS(table, c8[i]) };
		pools[i] = pool;
	}
}

/* Register, with the pools damaged as the word "bad" says. */
static int pools_register(struct mdev_test_parent *tp, struct budget_words *b,
			  struct pools_words *p, struct pool_costs *table)
{
	struct mdev_pool pools[MAX_RESOURCES] = {};
	const char *bad = b->bad ?: "";
	unsigned int nr = b->nr_resources, i;
	int ret;

	pools_fill(pools, b, p, table);
	for (i = 0; i < tp->nr_types; i++)
		tp->types[i].units = b->cost[i][0];
	if (!strcmp(bad, "name"))
		pools[0].name = NULL;
	else if (!strcmp(bad, "size"))
		pools[0].cost_size = 3;
	else if (!strcmp(bad, "nosize"))
		pools[0].cost_size = 0;
	else if (!strcmp(bad, "none"))
		nr = 0;
	else if (!strcmp(bad, "many"))
		nr = MAX_RESOURCES;
	ret = mdev_register_parent_pools(&tp->parent, tp->dev, &tp->drv->mdev_driver,
					 tp->type_ptrs, tp->nr_types,
					 strcmp(bad, "pools") ? pools : NULL, nr);
	/* overwrite the pools: the core must have copied them */
	memset(pools, 0x6b, sizeof(pools));
	barrier_data(pools);
	return ret;
}

static int register_pools(struct mdev_test_parent *tp, char *words)
{
	struct pool_costs *table = kcalloc(MDEV_TEST_MAX_TYPES, sizeof(*table), GFP_KERNEL);
	struct budget_words *b = kzalloc(sizeof(*b), GFP_KERNEL);
	struct pools_own *own = kzalloc(sizeof(*own), GFP_KERNEL);
	struct pools_words p;
	int ret = -ENOMEM;

	if (!table || !b || !own)
		goto free;
	ret = pools_parse(&p, words);
	if (!ret)
		ret = budget_parse(b, words);
	if (ret)
		goto free;
	strscpy(own->name, dev_name(tp->dev), sizeof(own->name));
	own->parent = &tp->parent;
	own->room = p.room;
	own->late = p.late;
	own->keep = p.keep;
	if (p.room) {
		tp->own = own;
		tp->probed = pools_probed;
		tp->removed = pools_removed;
	}
	ret = pools_register(tp, b, &p, table);
	if (ret)
		goto free;
	mutex_lock(&pools_lock);
	list_add(&own->node, &pools_owners);
	mutex_unlock(&pools_lock);
	own = NULL;

free:
	kfree(own);
	kfree(b);
	kfree(table);
	return ret;
}

static ssize_t new_pools_parent_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	int ret = mdev_test_new_parent(buf, register_pools);

	return ret ? ret : count;
}
static BUS_ATTR_WO(new_pools_parent);

/* The newest parent of a name. The caller knows that it is registered, and holds pools_lock. */
static struct pools_own *pools_find(const char *name)
{
	struct pools_own *own;

	list_for_each_entry(own, &pools_owners, node)
		if (!strcmp(own->name, name))
			return own;
	return NULL;
}

static ssize_t set_total_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	struct pools_own *own;
	unsigned long long total;
	unsigned int pool;
	char name[32];
	int ret = -ENOENT;

	if (sscanf(buf, "%31s %u %llu", name, &pool, &total) != 3)
		return -EBADMSG;
	mutex_lock(&pools_lock);
	own = pools_find(name);
	if (own)
		ret = mdev_set_total(own->parent, pool, total);
	mutex_unlock(&pools_lock);
	return ret ? ret : count;
}
static BUS_ATTR_WO(set_total);

static ssize_t room_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	struct pools_own *own;
	char name[32];
	int room;

	if (sscanf(buf, "%31s %d", name, &room) != 2)
		return -EBADMSG;
	mutex_lock(&pools_lock);
	own = pools_find(name);
	if (own)
		own->room = room;
	mutex_unlock(&pools_lock);
	return own ? count : -ENOENT;
}
static BUS_ATTR_WO(room);

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

/* Uses the type of an mdev that may go at any time, as mdev_get_by_uuid() allows. */
static ssize_t find_type_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	struct mdev_device *mdev = find(buf);
	ssize_t ret = -ENODEV;

	if (IS_ERR(mdev))
		return PTR_ERR(mdev);
	device_lock(mdev_dev(mdev));
	if (mdev_dev(mdev)->driver)
		ret = strcmp(mdev->type->sysfs_name, "t0") ? -EBADMSG : count;
	device_unlock(mdev_dev(mdev));
	put_device(mdev_dev(mdev));
	return ret;
}
static BUS_ATTR_WO(find_type);

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
	&bus_attr_new_pools_parent,
	&bus_attr_set_total,
	&bus_attr_room,
	&bus_attr_find,
	&bus_attr_find_type,
	&bus_attr_find_hold,
};

static int __init mdev_test_budget_init(void)
{
	int i, ret = 0;

	pools_queue = alloc_workqueue("mdev_test_budget", WQ_UNBOUND, 0);
	if (!pools_queue)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(attrs) && !ret; i++)
		ret = bus_create_file(&mdev_test_bus, attrs[i]);
	if (ret) {
		/* attrs[i - 1] is the one that failed */
		for (i--; i > 0; i--)
			bus_remove_file(&mdev_test_bus, attrs[i - 1]);
		destroy_workqueue(pools_queue);
	}
	return ret;
}

static void __exit mdev_test_budget_exit(void)
{
	struct pools_own *own, *next;
	int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		bus_remove_file(&mdev_test_bus, attrs[i]);
	/* waits for the rooms that are in use */
	destroy_workqueue(pools_queue);
	list_for_each_entry_safe(own, next, &pools_owners, node)
		kfree(own);
}

module_init(mdev_test_budget_init);
module_exit(mdev_test_budget_exit);

MODULE_DESCRIPTION("Test parents with a budget");
MODULE_LICENSE("GPL");
