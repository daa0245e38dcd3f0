// SPDX-License-Identifier: GPL-2.0-only
/*
 * This project's core: pools with a table of costs, totals that change, the driver's own refusal,
 * a driver that frees late
 */
#include <unistd.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define TYPES_MAX 4
#define POOLS_FILE "/sys/kernel/debug/mdev/mdev_test-p0/pools"

FIXTURE(pools)
{
	char type[TYPES_MAX][PATH_SIZE];
};

FIXTURE_SETUP(pools)
{
	int i;

	SKIP_WITHOUT_BUDGETS();
	ASSERT_EQ(0, parents_del_all());
	for (i = 0; i < TYPES_MAX; i++)
		parent_type("p0", i, self->type[i]);
}

FIXTURE_TEARDOWN(pools)
{
	parents_del_all();
}

static int set_total(unsigned int pool, unsigned long long total)
{
	return file_puts(TEST_BUS "/set_total", path_of("p0 %u %llu", pool, total));
}

static int set_room(int room)
{
	return file_puts(TEST_BUS "/room", path_of("p0 %d", room));
}

/* The costs are a column of the driver's table of types, of any size */
TEST_F(pools, costs_of_every_size)
{
	static const char * const form[] = { "size=1", "size=2", "size=4", "size=8", "plain=1" };
	unsigned int i;

	for (i = 0; i < 5; i++) {
		struct uuid u = uuid_new();

		ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=10,100,3 "
					      "cost=1,5,1:2,60,1:5,0,0 %s", form[i]));
		EXPECT_TRUE(types_show(self->type, 3, 1, 2));
		EXPECT_EQ(0, mdev_create(self->type[1], u.s));
		EXPECT_TRUE(types_show(self->type, 2, 0, 1));
		EXPECT_EQ(-EUSERS, mdev_create(self->type[1], uuid_new().s));
		EXPECT_EQ(0, mdev_remove(u.s));
		EXPECT_TRUE(types_show(self->type, 3, 1, 2));
		ASSERT_EQ(0, parent_del("p0"));
	}
}

TEST_F(pools, costs_around_the_type)
{
	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=8 cost=1:2:4 intype=1"));
	EXPECT_TRUE(types_show(self->type, 8, 4, 2));
	EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 4, 2, 1));
}

/* Without costs, an instance of any type takes one: a number per parent */
TEST_F(pools, a_number_per_parent)
{
	char other[PATH_SIZE];

	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=2 nocost=0"));
	ASSERT_EQ(0, parent_new_pools("name=p1 driver=p0 total=5 nocost=0"));
	ASSERT_TRUE(parent_type("p1", 0, other));
	EXPECT_TRUE(types_show(self->type, 2, 2, 2));
	EXPECT_EQ(5, mdev_available(other));
	EXPECT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], uuid_new().s));
	EXPECT_EQ(5, mdev_available(other));
}

/* A type that takes nothing of any pool has max_instances as its only limit */
TEST_F(pools, limited_by_max_instances_alone)
{
	EXPECT_EQ(-EINVAL, parent_new_pools("name=p0 types=3 max=0 total=8 cost=4:8:0"));
	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=3 total=8 cost=4:8:0"));
	EXPECT_TRUE(types_show(self->type, 2, 1, 3));
	EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 2, 1, 2));
	EXPECT_EQ(0, mdev_create(self->type[1], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 0, 0, 1));
	EXPECT_EQ(0, mdev_create(self->type[2], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], uuid_new().s));
}

/* A total changes while mdevs exist: existing ones stay, and none comes if there are too many */
TEST_F(pools, a_total_that_changes)
{
	struct uuid u[3] = { uuid_new(), uuid_new(), uuid_new() };
	int i;

	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=8,9 cost=1,1:2,1:4,1"));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, mdev_create(self->type[1], u[i].s));
	EXPECT_TRUE(types_show(self->type, 2, 1, 0));
	/* the card grew */
	ASSERT_EQ(0, set_total(0, 16));
	EXPECT_TRUE(types_show(self->type, 6, 5, 2));
	/* the host takes all that is left, and more */
	ASSERT_EQ(0, set_total(0, 3));
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(mdev_exists(u[i].s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(0, mdev_remove(u[0].s));
	/* 4 are taken, of 3 */
	EXPECT_TRUE(types_show(self->type, 0, 0, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], u[0].s));
	EXPECT_EQ(0, mdev_remove(u[1].s));
	EXPECT_TRUE(types_show(self->type, 1, 0, 0));
	EXPECT_EQ(0, mdev_create(self->type[0], u[0].s));
	EXPECT_EQ(0, mdev_remove(u[2].s));
	ASSERT_EQ(0, set_total(0, 8));
	EXPECT_TRUE(types_show(self->type, 7, 3, 1));
	EXPECT_EQ(-EINVAL, set_total(2, 1));
}

/* max_instances is not one of the driver's pools */
TEST_F(pools, a_total_beside_max_instances)
{
	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=5 total=8 cost=1:2:4"));
	ASSERT_EQ(0, set_total(0, 4));
	EXPECT_TRUE(types_show(self->type, 4, 2, 1));
	EXPECT_EQ(-EINVAL, set_total(1, 1));
}

/* K74: the driver has no room although the sum suffices, and the number follows */
TEST_F(pools, the_driver_refuses)
{
	struct uuid u[3] = { uuid_new(), uuid_new(), uuid_new() };

	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=8 cost=1:2:4 room=2"));
	ASSERT_EQ(0, mdev_create(self->type[0], u[0].s));
	ASSERT_EQ(0, mdev_create(self->type[1], u[1].s));
	EXPECT_TRUE(types_show(self->type, 5, 2, 1));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], u[2].s));
	EXPECT_FALSE(mdev_exists(u[2].s));
	/* only the type that was refused: a smaller one may fit */
	EXPECT_TRUE(types_show(self->type, 5, 2, 0));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[2], u[2].s));
	EXPECT_TRUE(types_show(self->type, 5, 2, 0));
	/* another type takes room: that does not help */
	ASSERT_EQ(0, set_room(1));
	ASSERT_EQ(0, mdev_create(self->type[0], u[2].s));
	EXPECT_TRUE(types_show(self->type, 4, 2, 0));
	/* an mdev gives room back */
	EXPECT_EQ(0, mdev_remove(u[1].s));
	EXPECT_TRUE(types_show(self->type, 6, 3, 1));
	EXPECT_EQ(0, mdev_create(self->type[2], u[1].s));
	EXPECT_TRUE(types_show(self->type, 2, 1, 0));
}

TEST_F(pools, the_driver_has_room_again)
{
	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=8 cost=1:2:4 room=1"));
	ASSERT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 7, 0, 1));
	/* the same total: look again */
	ASSERT_EQ(0, set_total(0, 8));
	EXPECT_TRUE(types_show(self->type, 7, 3, 1));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 7, 0, 1));
	/* a create reaches the driver all the same, and shows that there is room */
	ASSERT_EQ(0, set_room(1));
	EXPECT_EQ(0, mdev_create(self->type[1], uuid_new().s));
	EXPECT_TRUE(types_show(self->type, 5, 2, 1));
}

/* K66: the driver frees the room of an instance some time after its remove */
TEST_F(pools, a_driver_that_frees_late_keeps_its_charge)
{
	struct uuid u = uuid_new();
	long long start, took;
	int i;

	ASSERT_EQ(0, parent_new_pools("name=p0 max=0 total=1 nocost=0 room=1 late=300 keep=1"));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, mdev_create(self->type[0], u.s));
		start = now_ms();
		ASSERT_EQ(0, mdev_remove(u.s));
		took = now_ms() - start;
		EXPECT_LE(250, took);
		/* what is shown is admitted, by the core and by the driver */
		EXPECT_EQ(1, mdev_available(self->type[0]));
	}
	EXPECT_EQ(0, mdev_create(self->type[0], u.s));
}

/* K66: without mdev_charge_get() the core admits an instance that the driver has no room for */
TEST_F(pools, a_driver_that_frees_late_and_keeps_nothing)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_pools("name=p0 max=0 total=1 nocost=0 room=1 late=1000"));
	ASSERT_EQ(0, mdev_create(self->type[0], u.s));
	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(1, mdev_available(self->type[0]));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], u.s));
}

/* K66: a driver that takes longer than the core waits: the slot comes later, the UUID does not */
TEST_F(pools, a_charge_that_comes_back_very_late)
{
	struct uuid u = uuid_new();
	long long end;
	int fd;

	ASSERT_EQ(0, parent_new_pools("name=p0 max=0 total=2 nocost=0 room=2 late=5000 keep=1"));
	ASSERT_EQ(0, mdev_create(self->type[0], u.s));
	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(1, mdev_available(self->type[0]));
	EXPECT_EQ(0, mdev_create(self->type[0], u.s));
	EXPECT_EQ(0, mdev_available(self->type[0]));
	fd = available_open(self->type[0]);
	ASSERT_LE(0, fd);
	end = now_ms() + 20000;
	while (mdev_available(self->type[0]) == 0 && now_ms() < end)
		available_wait(fd, 1000);
	EXPECT_EQ(1, mdev_available(self->type[0]));
}

/* K66: and longer than the parent lives */
TEST_F(pools, a_charge_that_outlives_its_parent)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new_pools("name=p0 max=0 total=1 nocost=0 room=1 late=4000 keep=1"));
	ASSERT_EQ(0, mdev_create(self->type[0], u.s));
	ASSERT_EQ(0, parent_del("p0"));
	ASSERT_EQ(0, parent_new_pools("name=p0 max=0 total=1 nocost=0 room=1"));
	ASSERT_EQ(0, mdev_create(self->type[0], u.s));
	msleep(4000);
	/* what the old parent's mdev gives back is not the new parent's */
	EXPECT_EQ(0, mdev_available(self->type[0]));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
}

/* debugfs: what is taken and what is free */
TEST_F(pools, can_be_read_in_debugfs)
{
	char text[512];

	ASSERT_EQ(0, parent_new_pools("name=p0 types=2 max=5 total=10,7 cost=1,5:2,3"));
	ASSERT_EQ(0, mdev_create(self->type[1], uuid_new().s));
	ASSERT_LT(0, file_read(POOLS_FILE, text, sizeof(text)));
	EXPECT_STREQ("pool total taken free\ninstances 5 1 4\nunits 10 2 8\nunits 7 3 4\n", text);
	ASSERT_EQ(0, set_total(1, 2));
	ASSERT_LT(0, file_read(POOLS_FILE, text, sizeof(text)));
	EXPECT_STREQ("pool total taken free\ninstances 5 1 4\nunits 10 2 8\nunits 2 3 0\n", text);
	ASSERT_EQ(0, parent_del("p0"));
	EXPECT_FALSE(file_exists(POOLS_FILE));
}

TEST_F(pools, one_line_in_the_log)
{
	static const char any[] = "room for another instance";
	int log = log_open(), i;

	ASSERT_LE(0, log);
	ASSERT_EQ(0, parent_new_pools("name=p0 types=2 max=0 total=4 cost=1:9 room=1"));
	EXPECT_EQ(0, log_count(log, any));
	ASSERT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[1], uuid_new().s));
	EXPECT_EQ(1, log_count(log, " p0: mdev: no room for another instance of type t1: "
			       "it takes 9 units, and 1 of 4 are taken; "
			       "later refusals are not logged"));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(-EUSERS, mdev_create(self->type[i % 2], uuid_new().s));
	EXPECT_EQ(0, log_count(log, any));
	/* another registration has its own line, from the driver's refusal too */
	ASSERT_EQ(0, parent_del("p0"));
	ASSERT_EQ(0, parent_new_pools("name=p0 types=2 max=0 total=4 cost=1:9 room=1"));
	ASSERT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type[0], uuid_new().s));
	EXPECT_EQ(1, log_count(log, " p0: mdev: the driver has no room for another instance of "
			       "type t0; later refusals are not logged"));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(-EUSERS, mdev_create(self->type[i % 2], uuid_new().s));
	EXPECT_EQ(0, log_count(log, any));
	close(log);
}

/* Totals change while mdevs come and go: nothing is lost, nothing admitted twice */

struct churn {
	char (*type)[PATH_SIZE];
	struct rounds each, all;
	int strange, created;
};

static void churner(unsigned int who, void *arg)
{
	struct churn *c = arg;
	struct rounds mine = c->each;
	struct uuid u = uuid_new();
	unsigned int i;

	for (i = 0; rounds_next(&mine); i++) {
		int ret;

		if (!who) {
			ret = set_total(0, i % 12);
			if (ret)
				c->strange = ret;
			continue;
		}
		ret = mdev_create(c->type[(who + i) % 3], u.s);
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

TEST_F_TIMEOUT(pools, churn_while_the_total_changes, 240)
{
	struct churn c = { .type = self->type };

	ASSERT_EQ(0, parent_new_pools("name=p0 types=3 max=0 total=9,10 cost=1,3:2,1:5,4"));
	c.each = rounds_scaled(60);
	c.all = rounds_of_all(&c.each, 8);
	crowd_run(8, churner, &c);
	rounds_end(_metadata, &c.all);
	EXPECT_EQ(0, c.strange);
	EXPECT_LT(0, c.created);
	ASSERT_EQ(0, set_total(0, 9));
	EXPECT_TRUE(types_show(self->type, 3, 4, 1));
	EXPECT_EQ(0, mdev_count());
}

/* Invalid pools are refused in both forms, and the log says why; a valid registration may follow */

#define NEEDS_POOLS "a parent with a budget needs 1 to 16 pools"

FIXTURE(bad)
{
	char type[PATH_SIZE];
	int log;
};

FIXTURE_VARIANT(bad)
{
	int (*new_parent)(const char *fmt, ...);
	const char *words, *said;
};

#define BAD(name, form, what, why)							\
	FIXTURE_VARIANT_ADD(bad, name) { parent_new_##form, what, why }

BAD(no_pools, pools, "bad=pools total=1 cost=1", NEEDS_POOLS);
BAD(no_name, pools, "bad=name total=1 cost=1", "pool 0 has no name");
BAD(odd_size, pools, "bad=size total=1 cost=1",
    "pool units: costs of 3 bytes: set them with MDEV_TYPE_COST() or MDEV_COSTS()");
BAD(without_size, pools, "bad=nosize total=1 cost=1", "pool units: costs of 0 bytes: set them");
BAD(none, pools, "bad=none total=1 cost=1", NEEDS_POOLS);
BAD(too_many, pools, "bad=many total=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 cost=1", NEEDS_POOLS);
BAD(unlimited_type, pools, "types=3 total=4,4 cost=1,0:0,0:0,1",
    "nothing limits the instances of type t1: it needs a cost above 0 in at least one pool, "
    "or the driver a max_instances");
BAD(two_counters, pools, "avail=4 total=4 cost=1",
    "driver mdev_test_p0 has both pools and get_available(): remove get_available()");
BAD(no_budget, budget, "bad=budget total=1 cost=1", NEEDS_POOLS);
BAD(no_cost_callback, budget, "bad=cost total=1", NEEDS_POOLS " and a cost callback");
BAD(no_resource, budget, "bad=none total=1 cost=1", NEEDS_POOLS " and a cost callback");
BAD(too_many_resources, budget, "bad=many total=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 cost=1",
    NEEDS_POOLS " and a cost callback");
BAD(free_type, budget, "types=3 total=4,4 cost=1,0:0,0:0,1",
    "nothing limits the instances of type t1");
BAD(a_budget_and_get_available, budget, "avail=4 total=4 cost=1",
    "driver mdev_test_p0 has both pools and get_available()");

FIXTURE_SETUP(bad)
{
	SKIP_WITHOUT_BUDGETS();
	ASSERT_EQ(0, parents_del_all());
	self->log = log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(bad)
{
	close(self->log);
	parents_del_all();
}

TEST_F(bad, is_refused)
{
	EXPECT_EQ(-EINVAL, variant->new_parent("name=p0 max=0 %s", variant->words));
	EXPECT_EQ(1, log_count(self->log, path_of(" p0: mdev: %s", variant->said)));
	EXPECT_EQ(0, dir_count(TEST_BUS "/devices"));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/p0"));
	EXPECT_EQ(0, variant->new_parent("name=p0 max=0 total=2 cost=1"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	EXPECT_EQ(2, mdev_available(self->type));
}

TEST_HARNESS_MAIN
