// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the accounts in mdev_budget.c
 *
 * The file is compiled a second time into this module, with functions that mdev.ko exports; nothing
 * here needs mdev.ko. See Documentation/dev-tools/kunit/ of the kernel.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/kthread.h>

/* mdev.ko exports these */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(symbol)
#include "mdev_budget.c"

#define TYPES	3
#define THREADS	8
#define ROUNDS	2000

struct toy_type {
	u8 small;
	struct mdev_type type;
	u32 amount;
};

struct toy {
	struct mdev_driver drv;
	struct mdev_parent parent;
	struct mdev_set set;
	struct toy_type type[TYPES];
	struct mdev_type *types[TYPES];
};

/* The costs of the three types, in numbers of each size */
struct toy_row {
	u8 c1;
	u16 c2;
	u32 c4;
	u64 c8;
};

static const struct toy_row rows[TYPES] = {
	{ 1, 1, 1, 1 }, { 2, 2, 2, 2 }, { 4, 4, 4, 4 },
};

static const unsigned int second[TYPES] = { 5, 1, 0 };

static void toy_release(struct kobject *kobj)
{
	/* the memory is that of the test */
}

static const struct kobj_type toy_ktype = {
	.release = toy_release,
};

static void toy_device_release(struct device *dev)
{
}

static int toy_init(struct kunit *test)
{
	struct toy *toy = kunit_kzalloc(test, sizeof(*toy), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, toy);
	test->priv = toy;
	for (i = 0; i < TYPES; i++) {
		toy->types[i] = &toy->type[i].type;
		toy->types[i]->parent = &toy->parent;
		toy->types[i]->sysfs_name = "toy";
		toy->type[i].amount = rows[i].c4;
		toy->type[i].small = rows[i].c1;
	}
	toy->parent.dev = root_device_register("mdev_kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, toy->parent.dev);
	toy->parent.mdev_driver = &toy->drv;
	toy->parent.types = toy->types;
	toy->parent.nr_types = TYPES;
	toy->parent.mdev_types_kset = &toy->set.kset;
	toy->set.parent = &toy->parent;
	spin_lock_init(&toy->set.lock);
	kobject_init(&toy->set.kset.kobj, &toy_ktype);
	return 0;
}

static void toy_exit(struct kunit *test)
{
	struct toy *toy = test->priv;

	if (!IS_ERR_OR_NULL(toy->set.pools))
		mdev_pools_free(toy->set.pools);
	if (!IS_ERR_OR_NULL(toy->parent.dev))
		root_device_unregister(toy->parent.dev);
}

static int toy_pools(struct toy *toy, const struct mdev_pool *pools, unsigned int nr)
{
	const struct mdev_source source = { .own = true, .pools = pools, .nr_pools = nr };

	if (!IS_ERR_OR_NULL(toy->set.pools))
		mdev_pools_free(toy->set.pools);
	toy->set.pools = mdev_pools_alloc(&toy->parent, &source);
	return PTR_ERR_OR_ZERO(toy->set.pools);
}

static void expect_shown(struct kunit *test, unsigned int a, unsigned int b, unsigned int c)
{
	struct toy *toy = test->priv;

	KUNIT_EXPECT_EQ(test, a, mdev_available(toy->types[0]));
	KUNIT_EXPECT_EQ(test, b, mdev_available(toy->types[1]));
	KUNIT_EXPECT_EQ(test, c, mdev_available(toy->types[2]));
}

static void one_pool_is_taken_and_given_back(struct kunit *test)
{
	const struct mdev_pool pool = { "units", 8, MDEV_COSTS(rows, c4) };
	struct mdev_charge charge[3] = {};
	struct toy *toy = test->priv;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	expect_shown(test, 8, 4, 2);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[0]));
	expect_shown(test, 7, 3, 1);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[1], toy->types[2]));
	expect_shown(test, 3, 1, 0);
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[2], toy->types[2]));
	expect_shown(test, 3, 1, 0);
	mdev_uncharge(&charge[0]);
	mdev_uncharge(&charge[1]);
	expect_shown(test, 8, 4, 2);
	KUNIT_EXPECT_EQ(test, 0, toy->set.pools->account[0].taken);
}

static void an_instance_gets_all_pools_or_none(struct kunit *test)
{
	const struct mdev_pool pools[] = {
		{ "units", 20, MDEV_COSTS(rows, c8) },
		{ "others", 6, MDEV_COST_ARRAY(second) },
	};
	struct mdev_charge charge[3] = {};
	struct toy *toy = test->priv;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, pools, 2));
	expect_shown(test, 1, 6, 5);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[0]));
	expect_shown(test, 0, 1, 4);
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[1], toy->types[0]));
	KUNIT_EXPECT_EQ(test, 1, toy->set.pools->account[0].taken);
	KUNIT_EXPECT_EQ(test, 5, toy->set.pools->account[1].taken);
	mdev_uncharge(&charge[0]);
	expect_shown(test, 1, 6, 5);
}

static void costs_are_read_in_every_size(struct kunit *test)
{
	const struct mdev_pool pools[] = {
		{ "one byte", 8, MDEV_COSTS(rows, c1) },
		{ "two bytes", 8, MDEV_COSTS(rows, c2) },
		{ "four bytes", 8, MDEV_COSTS(rows, c4) },
		{ "eight bytes", 8, MDEV_COSTS(rows, c8) },
		{ "behind the type", 8, MDEV_TYPE_COST(struct toy_type, type, amount) },
		{ "before the type", 8, MDEV_TYPE_COST(struct toy_type, type, small) },
	};
	struct toy *toy = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pools[i], 1));
		expect_shown(test, 8, 4, 2);
	}
}

static void a_pool_without_costs_is_a_number(struct kunit *test)
{
	const struct mdev_pool pool = { "instances", 2 };
	struct mdev_charge charge[3] = {};
	struct toy *toy = test->priv;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	expect_shown(test, 2, 2, 2);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[0]));
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[1], toy->types[2]));
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[2], toy->types[1]));
}

static void max_instances_is_one_more_pool(struct kunit *test)
{
	const struct mdev_pool pool = { "others", 6, MDEV_COST_ARRAY(second) };
	struct mdev_charge charge = {};
	struct toy *toy = test->priv;

	toy->drv.max_instances = 3;
	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	/* the last type takes nothing but an instance */
	expect_shown(test, 1, 3, 3);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&toy->parent.available_instances));
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge, toy->types[2]));
	expect_shown(test, 1, 2, 2);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&toy->parent.available_instances));
	mdev_uncharge(&charge);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&toy->parent.available_instances));
}

static void invalid_pools_are_refused(struct kunit *test)
{
	static const struct mdev_pool many[MDEV_MAX_POOLS + 1] = {
		[0 ... MDEV_MAX_POOLS] = { "units", 1 },
	};
	struct mdev_pool pool = { "units", 8, MDEV_COSTS(rows, c4) };
	struct toy *toy = test->priv;

	KUNIT_EXPECT_EQ(test, 0, toy_pools(toy, many, MDEV_MAX_POOLS));
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, many, MDEV_MAX_POOLS + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, many, 0));
	pool.cost_size = 3;
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, &pool, 1));
	pool.cost_size = 16;
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, &pool, 1));
	pool.cost_size = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, &pool, 1));
	pool.cost_size = 4;
	pool.name = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, &pool, 1));
	/* nothing limits the last type */
	pool = (struct mdev_pool){ "others", 6, MDEV_COST_ARRAY(second) };
	KUNIT_EXPECT_EQ(test, -EINVAL, toy_pools(toy, &pool, 1));
}

static void large_numbers_do_not_overflow(struct kunit *test)
{
	static const u64 large[TYPES] = { 1, U64_MAX, U64_MAX / 2 + 1 };
	const struct mdev_pool pool = { "units", U64_MAX, MDEV_COST_ARRAY(large) };
	struct mdev_charge charge[2] = {};
	struct toy *toy = test->priv;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	expect_shown(test, INT_MAX, 1, 1);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[2]));
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[1], toy->types[2]));
	expect_shown(test, INT_MAX, 0, 0);
	mdev_uncharge(&charge[0]);
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[1]));
	expect_shown(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[1], toy->types[0]));
	mdev_uncharge(&charge[0]);
	KUNIT_EXPECT_EQ(test, 0, toy->set.pools->account[0].taken);
}

static void a_total_can_grow_and_shrink(struct kunit *test)
{
	const struct mdev_pool pool = { "units", 8, MDEV_COSTS(rows, c4) };
	struct mdev_charge charge[3] = {};
	struct toy *toy = test->priv;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[0], toy->types[2]));
	KUNIT_EXPECT_EQ(test, 0, mdev_charge(&charge[1], toy->types[1]));
	KUNIT_EXPECT_EQ(test, 0, mdev_set_total(&toy->parent, 0, 12));
	expect_shown(test, 6, 3, 1);
	/* below what is taken: existing instances stay, none comes */
	KUNIT_EXPECT_EQ(test, 0, mdev_set_total(&toy->parent, 0, 3));
	expect_shown(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_charge(&charge[2], toy->types[0]));
	mdev_uncharge(&charge[1]);
	expect_shown(test, 0, 0, 0);
	mdev_uncharge(&charge[0]);
	expect_shown(test, 3, 1, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, mdev_set_total(&toy->parent, 1, 3));
}

static void a_refusal_lasts_until_something_is_given_back(struct kunit *test)
{
	const struct mdev_pool pool = { "units", 8, MDEV_COSTS(rows, c4) };
	struct mdev_instance *inst[2];
	struct mdev_charge other = {};
	struct toy *toy = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	for (i = 0; i < 2; i++) {
		inst[i] = kunit_kzalloc(test, sizeof(*inst[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, inst[i]);
		inst[i]->mdev.type = toy->types[1];
	}
	KUNIT_ASSERT_EQ(test, 0, mdev_charge(&other, toy->types[0]));
	mdev_charge_lives(&other);

	KUNIT_ASSERT_EQ(test, 0, mdev_charge(&inst[0]->charge, toy->types[1]));
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_refuse(&inst[0]->mdev));
	mdev_uncharge(&inst[0]->charge);
	/* what the refused instance gives back makes no room */
	expect_shown(test, 7, 0, 1);

	/* something is given back after the driver looked, and before it says so */
	KUNIT_ASSERT_EQ(test, 0, mdev_charge(&inst[1]->charge, toy->types[1]));
	mdev_uncharge(&other);
	KUNIT_EXPECT_EQ(test, -EUSERS, mdev_refuse(&inst[1]->mdev));
	mdev_uncharge(&inst[1]->charge);
	expect_shown(test, 8, 4, 2);
}

static int give_back_later(void *inst)
{
	msleep(200);
	mdev_charge_put(&((struct mdev_instance *)inst)->mdev);
	return 0;
}

static void a_driver_can_keep_a_charge(struct kunit *test)
{
	const struct mdev_pool pool = { "units", 8, MDEV_COSTS(rows, c4) };
	struct mdev_instance *inst = kunit_kzalloc(test, sizeof(*inst), GFP_KERNEL);
	struct toy *toy = test->priv;
	struct task_struct *task;

	KUNIT_ASSERT_NOT_NULL(test, inst);
	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, &pool, 1));
	device_initialize(&inst->mdev.dev);
	inst->mdev.dev.release = toy_device_release;
	inst->mdev.type = toy->types[2];
	KUNIT_ASSERT_EQ(test, 0, mdev_charge(&inst->charge, toy->types[2]));
	mdev_charge_get(&inst->mdev);
	task = kthread_run(give_back_later, inst, "mdev_kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	/* waits for the driver */
	mdev_uncharge(&inst->charge);
	expect_shown(test, 8, 4, 2);

	/* a driver that takes longer than the core waits */
	inst->charge = (struct mdev_charge){};
	KUNIT_ASSERT_EQ(test, 0, mdev_charge(&inst->charge, toy->types[2]));
	mdev_charge_get(&inst->mdev);
	mdev_uncharge(&inst->charge);
	expect_shown(test, 4, 2, 1);
	mdev_charge_put(&inst->mdev);
	expect_shown(test, 8, 4, 2);
	put_device(&inst->mdev.dev);
}

/* Threads take and give back; one changes a total meanwhile */
struct crowd {
	struct toy *toy;
	atomic_t who;
	atomic_t admitted;
	atomic_t strange;
	struct completion done;
	atomic_t left;
	bool totals;
};

static int crowd_member(void *arg)
{
	struct crowd *c = arg;
	struct mdev_set *set = &c->toy->set;
	unsigned int who = atomic_inc_return(&c->who), i;

	for (i = 0; i < ROUNDS; i++) {
		struct mdev_charge charge = {};
		int ret = mdev_charge(&charge, c->toy->types[(who + i) % TYPES]);

		if (c->totals && who == 1)
			mdev_set_total(&c->toy->parent, 0, i % 10);
		if (!ret) {
			atomic_inc(&c->admitted);
			spin_lock(&set->lock);
			if (!c->totals && set->pools->account[0].taken > 9)
				atomic_inc(&c->strange);
			if (set->pools->account[1].taken > 6)
				atomic_inc(&c->strange);
			spin_unlock(&set->lock);
			if (!(i % 16))
				cond_resched();
			mdev_uncharge(&charge);
		} else if (ret != -EUSERS) {
			atomic_inc(&c->strange);
		}
	}
	if (atomic_dec_and_test(&c->left))
		complete(&c->done);
	return 0;
}

static void crowd_run(struct kunit *test, bool totals)
{
	const struct mdev_pool pools[] = {
		{ "units", 9, MDEV_COSTS(rows, c8) },
		{ "others", 6, MDEV_COST_ARRAY(second) },
	};
	struct toy *toy = test->priv;
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_ASSERT_EQ(test, 0, toy_pools(toy, pools, 2));
	c->toy = toy;
	c->totals = totals;
	init_completion(&c->done);
	atomic_set(&c->left, THREADS);
	for (i = 0; i < THREADS; i++) {
		struct task_struct *task = kthread_run(crowd_member, c, "mdev_kunit/%u", i);

		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, task);
		if (IS_ERR(task) && atomic_dec_and_test(&c->left))
			complete(&c->done);
	}
	wait_for_completion(&c->done);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&c->strange));
	KUNIT_EXPECT_LT(test, 0, atomic_read(&c->admitted));
	KUNIT_EXPECT_EQ(test, 0, toy->set.pools->account[0].taken);
	KUNIT_EXPECT_EQ(test, 0, toy->set.pools->account[1].taken);
}

static void threads_take_and_give_back(struct kunit *test)
{
	crowd_run(test, false);
}

static void threads_while_a_total_changes(struct kunit *test)
{
	crowd_run(test, true);
}

static struct kunit_case mdev_budget_cases[] = {
	KUNIT_CASE(one_pool_is_taken_and_given_back),
	KUNIT_CASE(an_instance_gets_all_pools_or_none),
	KUNIT_CASE(costs_are_read_in_every_size),
	KUNIT_CASE(a_pool_without_costs_is_a_number),
	KUNIT_CASE(max_instances_is_one_more_pool),
	KUNIT_CASE(invalid_pools_are_refused),
	KUNIT_CASE(large_numbers_do_not_overflow),
	KUNIT_CASE(a_total_can_grow_and_shrink),
	KUNIT_CASE(a_refusal_lasts_until_something_is_given_back),
	KUNIT_CASE(a_driver_can_keep_a_charge),
	KUNIT_CASE(threads_take_and_give_back),
	KUNIT_CASE(threads_while_a_total_changes),
	{}
};

static struct kunit_suite mdev_budget_suite = {
	.name = "mdev_budget",
	.init = toy_init,
	.exit = toy_exit,
	.test_cases = mdev_budget_cases,
};

kunit_test_suite(mdev_budget_suite);

MODULE_DESCRIPTION("Unit tests of the accounts of the mdev core");
MODULE_LICENSE("GPL");
