// SPDX-License-Identifier: GPL-2.0-only
/*
 * This project's core: budgets; mdev_pools_test.c has those that are invalid
 */
#include <limits.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define TYPES_MAX 8
#define THREADS 16

FIXTURE(budget)
{
	char type[TYPES_MAX][PATH_SIZE];
};

FIXTURE_SETUP(budget)
{
	int i;

	SKIP_WITHOUT_BUDGETS();
	/* no other core may offer the interface */
	ASSERT_TRUE(core_kind() == CORE_OURS);
	ASSERT_EQ(0, parents_del_all());
	for (i = 0; i < TYPES_MAX; i++)
		parent_type("p0", i, self->type[i]);
}

FIXTURE_TEARDOWN(budget)
{
	parents_del_all();
}

TEST_F(budget, admit_refuse_give_back)
{
	struct uuid u[9];
	int i;

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8 cost=1:2:4"));
	EXPECT_TRUE(types_show(self->type, 8, 4, 2));
	for (i = 0; i < 9; i++)
		u[i] = uuid_new();
	/* each create changes available_instances of all types, rounded down */
	EXPECT_EQ(0, mdev_create(self->type[0], u[0].s));
	EXPECT_TRUE(types_show(self->type, 7, 3, 1));
	EXPECT_EQ(0, mdev_create(self->type[2], u[1].s));
	EXPECT_TRUE(types_show(self->type, 3, 1, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], u[2].s));
	EXPECT_FALSE(mdev_exists(u[2].s));
	EXPECT_EQ(0, mdev_create(self->type[1], u[2].s));
	EXPECT_TRUE(types_show(self->type, 1, 0, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], u[3].s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], u[3].s));
	EXPECT_EQ(0, mdev_create(self->type[0], u[3].s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], u[4].s));
	EXPECT_EQ(-EEXIST, mdev_create(self->type[0], u[3].s));
	EXPECT_EQ(0, mdev_remove(u[1].s));
	EXPECT_TRUE(types_show(self->type, 4, 2, 1));
	EXPECT_EQ(0, mdev_remove(u[0].s));
	EXPECT_EQ(0, mdev_remove(u[3].s));
	EXPECT_EQ(0, mdev_remove(u[2].s));
	EXPECT_TRUE(types_show(self->type, 8, 4, 2));
}

/* an instance takes units of three resources, as in gvt; the scarcest limits the number */
TEST_F(budget, several_resources)
{
	struct uuid u[4];
	int i;

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 "
				       "total=10,100,3 cost=1,5,1:2,60,1:5,0,0"));
	for (i = 0; i < 4; i++)
		u[i] = uuid_new();
	EXPECT_TRUE(types_show(self->type, 3, 1, 2));
	EXPECT_EQ(0, mdev_create(self->type[1], u[0].s));
	/* 8, 40 and 2 are left */
	EXPECT_TRUE(types_show(self->type, 2, 0, 1));
	/* refused for the second resource: the first and third are not charged */
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], u[1].s));
	EXPECT_TRUE(types_show(self->type, 2, 0, 1));
	EXPECT_EQ(0, mdev_create(self->type[2], u[1].s));
	/* 3, 40 and 2 are left */
	EXPECT_TRUE(types_show(self->type, 2, 0, 0));
	EXPECT_EQ(0, mdev_create(self->type[0], u[2].s));
	EXPECT_EQ(0, mdev_create(self->type[0], u[3].s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, mdev_remove(u[i].s));
	EXPECT_TRUE(types_show(self->type, 3, 1, 2));
}

TEST_F(budget, sixteen_resources)
{
	ASSERT_EQ(0, parent_new_budget("name=p0 max=0 "
				       "total=16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1 "
				       "cost=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"));
	EXPECT_EQ(1, mdev_available(self->type[0]));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
}

/* a max_instances other than 0 limits the number in addition to the budget */
TEST_F(budget, max_instances_counts_too)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=3 total=8 cost=1:2:4"));
	EXPECT_TRUE(types_show(self->type, 3, 3, 2));
	EXPECT_EQ(0, mdev_create(self->type[0], u.s));
	EXPECT_TRUE(types_show(self->type, 2, 2, 1));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_TRUE(types_show(self->type, 1, 1, 1));
}

TEST_F(budget, available_is_at_most_int_max)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=18446744073709551615 "
				       "cost=1:4294967296:18446744073709551615"));
	EXPECT_TRUE(types_show(self->type, INT_MAX, INT_MAX, 1));
	EXPECT_EQ(0, mdev_create(self->type[0], u.s));
	EXPECT_TRUE(types_show(self->type, INT_MAX, INT_MAX, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], uuid_new().s));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
}

TEST_F(budget, cost_above_total)
{
	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8 "
				       "cost=9:8:18446744073709551615"));
	EXPECT_TRUE(types_show(self->type, 0, 1, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], uuid_new().s));
	EXPECT_EQ(0, mdev_create(self->type[1], uuid_new().s));
}

TEST_F(budget, total_of_zero)
{
	ASSERT_EQ(0, parent_new_budget("name=p0 max=5 total=0 cost=1"));
	EXPECT_EQ(0, mdev_available(self->type[0]));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
}

TEST_F(budget, probe_failure_is_uncharged)
{
	struct uuid u = uuid_new();
	int i;

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8,3 cost=1,1:2,1:4,1"));
	ASSERT_EQ(0, parent_set("p0", "probe_error", EIO));
	for (i = 0; i < 12; i++) {
		EXPECT_EQ(-EIO, mdev_create(self->type[i % 3], u.s));
		EXPECT_TRUE(types_show(self->type, 3, 3, 2));
	}
	ASSERT_EQ(0, parent_set("p0", "probe_error", 0));
	EXPECT_EQ(0, mdev_create(self->type[2], u.s));
	EXPECT_TRUE(types_show(self->type, 2, 2, 1));
}

TEST_F(budget, duplicate_costs_nothing)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8 cost=1:2:4"));
	ASSERT_EQ(0, mdev_create(self->type[1], u.s));
	EXPECT_EQ(-EEXIST, mdev_create(self->type[2], u.s));
	EXPECT_TRUE(types_show(self->type, 6, 3, 1));
}

TEST_F(budget, parents_have_budgets_of_their_own)
{
	char other[PATH_SIZE];

	ASSERT_EQ(0, parent_new_budget("name=p0 max=0 total=2 cost=1"));
	ASSERT_EQ(0, parent_new_budget("name=p1 driver=p0 total=4 cost=1"));
	/* a parent of the same driver without a budget: its max_instances is 0 */
	ASSERT_EQ(0, parent_new("name=p2 driver=p0"));
	ASSERT_TRUE(parent_type("p1", 0, other));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(4, mdev_available(other));
	EXPECT_EQ(0, mdev_create(other, uuid_new().s));
	EXPECT_EQ(3, mdev_available(other));
	ASSERT_TRUE(parent_type("p2", 0, other));
	EXPECT_EQ(0, mdev_available(other));
}

TEST_F(budget, a_new_parent_starts_full)
{
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8 cost=1:2:4"));
		EXPECT_TRUE(types_show(self->type, 8, 4, 2));
		EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
		ASSERT_EQ(0, parent_del("p0"));
		EXPECT_EQ(0, mdev_count());
	}
}

/* a removed mdev is uncharged while a reference on it is held; its parent may go first */
TEST_F(budget, held_references)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=8 cost=1:2:4"));
	ASSERT_EQ(0, parent_set("p0", "hold", 1));
	ASSERT_EQ(0, mdev_create(self->type[2], u.s));
	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_TRUE(types_show(self->type, 8, 4, 2));
	ASSERT_EQ(0, mdev_create(self->type[2], u.s));
	EXPECT_TRUE(types_show(self->type, 4, 2, 1));
	ASSERT_EQ(2, held_count());
	ASSERT_EQ(0, parent_del("p0"));
	ASSERT_EQ(0, held_drop());
}

/* Concurrent creates of all types when little is left */

static const int edge_cost[3][2] = { { 1, 3 }, { 2, 1 }, { 5, 4 } };

static const int edge_total[2] = { 17, 19 };

struct edge {
	struct __test_metadata *_metadata;
	char (*types)[PATH_SIZE];
	int type[THREADS];
	struct uuid uuid[THREADS];
	int ret[THREADS];
	int least, most;
};

static void edge_before(unsigned int round, void *arg)
{
	struct edge *e = arg;
	int i;

	for (i = 0; i < THREADS; i++) {
		e->type[i] = (i + round) % 3;
		e->uuid[i] = uuid_new();
	}
}

static void edge_create(unsigned int who, void *arg)
{
	struct edge *e = arg;

	e->ret[who] = mdev_create(e->types[e->type[who]], e->uuid[who].s);
}

/*
 * Nothing is removed during a round, so the free units only decrease: an mdev that was refused
 * does not fit at the end either.
 */
static void edge_after(unsigned int round, void *arg)
{
	struct edge *e = arg;
	struct __test_metadata *_metadata = e->_metadata;
	int free[2] = { edge_total[0], edge_total[1] };
	int i, t, passed = 0;

	(void)round;
	for (i = 0; i < THREADS; i++) {
		EXPECT_TRUE(!e->ret[i] || e->ret[i] == -EUSERS);
		if (e->ret[i])
			continue;
		passed++;
		free[0] -= edge_cost[e->type[i]][0];
		free[1] -= edge_cost[e->type[i]][1];
	}
	EXPECT_LE(0, free[0]);
	EXPECT_LE(0, free[1]);
	for (t = 0; t < 3; t++) {
		int a = free[0] / edge_cost[t][0], b = free[1] / edge_cost[t][1];

		EXPECT_EQ(a < b ? a : b, mdev_available(e->types[t]));
	}
	for (i = 0; i < THREADS; i++) {
		const int *cost = edge_cost[e->type[i]];

		if (e->ret[i])
			EXPECT_TRUE(free[0] < cost[0] || free[1] < cost[1]);
		if (!e->ret[i])
			EXPECT_EQ(0, mdev_remove(e->uuid[i].s));
	}
	EXPECT_TRUE(types_show(e->types, 6, 8, 3));
	e->least = passed < e->least ? passed : e->least;
	e->most = passed > e->most ? passed : e->most;
}

TEST_F_TIMEOUT(budget, edge, 240)
{
	struct edge e = { ._metadata = _metadata, .types = self->type, .least = THREADS };
	struct rounds rounds;

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=17,19 cost=1,3:2,1:5,4"));
	rounds = rounds_scaled(200);
	crowd_rounds(THREADS, &rounds, edge_before, edge_create, edge_after, &e);
	say("@edge threads=%d rounds=%u least=%d most=%d", THREADS, rounds.done, e.least,
	    e.most);
	rounds_end(_metadata, &rounds);
}

struct edge_churn {
	const char *type[3];
	struct rounds each, all;
	int strange, created;
};

static void edge_churner(unsigned int who, void *arg)
{
	struct edge_churn *c = arg;
	struct rounds mine = c->each;
	struct uuid u = uuid_new();
	unsigned int i;

	for (i = 0; rounds_next(&mine); i++) {
		int ret = mdev_create(c->type[(who + i) % 3], u.s);

		if (!ret) {
			__atomic_add_fetch(&c->created, 1, __ATOMIC_RELAXED);
			ret = mdev_remove(u.s);
			if (ret)
				c->strange = ret;
		} else if (ret != -EUSERS) {
			c->strange = ret;
		}
	}
	rounds_add(&c->all, &mine);
}

TEST_F_TIMEOUT(budget, churn, 240)
{
	struct edge_churn c = {};
	int i;

	ASSERT_EQ(0, parent_new_budget("name=p0 types=3 max=0 total=9,10 cost=1,3:2,1:5,4"));
	for (i = 0; i < 3; i++)
		c.type[i] = self->type[i];
	c.each = rounds_scaled(60);
	c.all = rounds_of_all(&c.each, 8);
	crowd_run(8, edge_churner, &c);
	rounds_end(_metadata, &c.all);
	EXPECT_EQ(0, c.strange);
	EXPECT_LT(0, c.created);
	EXPECT_TRUE(types_show(self->type, 3, 4, 1));
	EXPECT_EQ(0, mdev_count());
}

TEST_HARNESS_MAIN
