// SPDX-License-Identifier: GPL-2.0-only
/*
 * Concurrent creates and removes: the last free instance, one UUID, a full parent
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

#define THREADS	16
#define ROUNDS	200

/* 16 threads create an mdev each; in every round as many succeed as the limit says */

FIXTURE(slots)
{
	char type[3][PATH_SIZE];
};

FIXTURE_VARIANT(slots)
{
	const char *module;
	const char *words;
	int types;
	const char *id[3];
	int limit;
};

FIXTURE_VARIANT_ADD(slots, mdpy) {
	.module = "mdpy", .types = 1, .id = { "mdpy-vga" }, .limit = 4,
};

FIXTURE_VARIANT_ADD(slots, mdpy_mixed) {
	.module = "mdpy", .types = 3, .id = { "mdpy-vga", "mdpy-xga", "mdpy-hd" }, .limit = 4,
};

FIXTURE_VARIANT_ADD(slots, mtty) {
	.module = "mtty", .types = 1, .id = { "mtty-2" }, .limit = 12,
};

FIXTURE_VARIANT_ADD(slots, mbochs) {
	.module = "mbochs", .types = 1, .id = { "mbochs-large" }, .limit = 4,
};

FIXTURE_VARIANT_ADD(slots, rust) {
	.module = "rust_mdev", .types = 1, .id = { "faux_driver-2m" }, .limit = 8,
};

FIXTURE_VARIANT_ADD(slots, test) {
	.words = "name=p0 max=4", .types = 1, .id = { "mdev_test-t0" }, .limit = 4,
};

FIXTURE_VARIANT_ADD(slots, test_mixed) {
	.words = "name=p0 max=5 types=3", .types = 3,
	.id = { "mdev_test-t0", "mdev_test-t1", "mdev_test-t2" }, .limit = 5,
};

FIXTURE_VARIANT_ADD(slots, test_one) {
	.words = "name=p0 max=1", .types = 1, .id = { "mdev_test-t0" }, .limit = 1,
};

FIXTURE_SETUP(slots)
{
	int i;

	parents_del_all();
	if (variant->module) {
		int ret = sample_ready(variant->module);

		if (ret)
			SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	} else {
		if (!test_parents())
			SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
		ASSERT_EQ(0, parent_new("%s", variant->words));
	}
	for (i = 0; i < variant->types; i++) {
		ASSERT_TRUE(type_path(variant->module ?: "p0", variant->id[i], self->type[i]));
	}
}

FIXTURE_TEARDOWN(slots)
{
	mdev_remove_all();
	parents_del_all();
}

struct slot_race {
	struct __test_metadata *_metadata;
	char (*types)[PATH_SIZE];
	int nr_types, limit, no_room;
	const char *type[THREADS];
	struct uuid uuid[THREADS];
	int ret[THREADS];
	int histogram[THREADS + 1];
};

static void slot_racer(unsigned int who, void *arg)
{
	struct slot_race *r = arg;

	r->ret[who] = mdev_create(r->type[who], r->uuid[who].s);
}

static void all_slots_free(struct slot_race *r)
{
	struct __test_metadata *_metadata = r->_metadata;
	int i;

	for (i = 0; i < r->nr_types; i++)
		EXPECT_EQ(r->limit, mdev_available(r->types[i]));
}

static void last_slot_before(unsigned int round, void *arg)
{
	struct slot_race *r = arg;
	int i;

	for (i = 0; i < THREADS; i++) {
		r->type[i] = r->types[(i + round) % r->nr_types];
		r->uuid[i] = uuid_new();
	}
}

static void last_slot_after(unsigned int round, void *arg)
{
	struct slot_race *r = arg;
	struct __test_metadata *_metadata = r->_metadata;
	int i, passed = 0;

	(void)round;
	for (i = 0; i < THREADS; i++) {
		EXPECT_TRUE(!r->ret[i] || r->ret[i] == r->no_room);
		passed += !r->ret[i];
		EXPECT_EQ(!r->ret[i], mdev_exists(r->uuid[i].s));
	}
	r->histogram[passed]++;
	EXPECT_EQ(passed, mdev_count());
	for (i = 0; i < r->nr_types && passed == r->limit; i++)
		EXPECT_EQ(0, mdev_available(r->types[i]));
	for (i = 0; i < THREADS; i++)
		if (!r->ret[i])
			EXPECT_EQ(0, mdev_remove(r->uuid[i].s));
	all_slots_free(r);
}

TEST_F_TIMEOUT(slots, last_slot, 240)
{
	struct slot_race r = {
		._metadata = _metadata, .types = self->type, .nr_types = variant->types,
		.limit = variant->limit, .no_room = no_room(variant->module),
	};
	struct rounds rounds = rounds_scaled(ROUNDS);
	int i, most = 0;
	char line[256];
	size_t len = 0;

	crowd_rounds(THREADS, &rounds, last_slot_before, slot_racer, last_slot_after, &r);
	for (i = 0; i <= THREADS; i++) {
		if (!r.histogram[i])
			continue;
		most = i;
		len += snprintf(line + len, sizeof(line) - len, " %d:%d", i, r.histogram[i]);
	}
	say("@race type=%s types=%d limit=%d threads=%d rounds=%u most=%d passed%s",
	    variant->id[0], variant->types, variant->limit, THREADS, rounds.done,
	    most, line);
	EXPECT_EQ((int)rounds.done, r.histogram[variant->limit]);
	rounds_end(_metadata, &rounds);
}

static void one_uuid_before(unsigned int round, void *arg)
{
	struct slot_race *r = arg;
	int i;

	last_slot_before(round, arg);
	for (i = 1; i < THREADS; i++)
		r->uuid[i] = r->uuid[0];
}

static void one_uuid_after(unsigned int round, void *arg)
{
	struct slot_race *r = arg;
	struct __test_metadata *_metadata = r->_metadata;
	int i, passed = 0;

	(void)round;
	for (i = 0; i < THREADS; i++) {
		passed += !r->ret[i];
		EXPECT_TRUE(!r->ret[i] || r->ret[i] == -EEXIST);
	}
	EXPECT_EQ(1, passed);
	EXPECT_EQ(1, mdev_count());
	EXPECT_EQ(r->limit - 1, mdev_available(r->types[0]));
	EXPECT_EQ(0, mdev_remove(r->uuid[0].s));
	all_slots_free(r);
}

/* 16 threads create the same UUID: one succeeds, the others take no instance */
TEST_F_TIMEOUT(slots, one_uuid, 240)
{
	struct slot_race r = {
		._metadata = _metadata, .types = self->type, .nr_types = variant->types,
		.limit = variant->limit,
	};
	struct rounds rounds = rounds_scaled(ROUNDS / 4);

	crowd_rounds(THREADS, &rounds, one_uuid_before, slot_racer, one_uuid_after, &r);
	rounds_end(_metadata, &rounds);
}

struct churn {
	const char *type;
	struct rounds each, all;
	int created, strange, no_room;
};

static void churner(unsigned int who, void *arg)
{
	struct churn *c = arg;
	struct rounds mine = c->each;
	struct uuid u = uuid_new();

	(void)who;
	while (rounds_next(&mine)) {
		int ret = mdev_create(c->type, u.s);

		if (!ret) {
			__atomic_add_fetch(&c->created, 1, __ATOMIC_RELAXED);
			ret = mdev_remove(u.s);
			if (ret)
				c->strange = ret;
		} else if (ret != c->no_room) {
			c->strange = ret;
		}
	}
	rounds_add(&c->all, &mine);
}

/* each thread creates and removes a UUID of its own: no EEXIST, and no instance is lost */
TEST_F_TIMEOUT(slots, churn, 240)
{
	struct churn c = {
		.type = self->type[0], .each = rounds_scaled(ROUNDS / 10),
		.no_room = no_room(variant->module),
	};
	int i;

	c.all = rounds_of_all(&c.each, 8);
	crowd_run(8, churner, &c);
	rounds_end(_metadata, &c.all);
	EXPECT_EQ(0, c.strange);
	EXPECT_LT(0, c.created);
	EXPECT_EQ(0, mdev_count());
	for (i = 0; i < variant->types; i++)
		EXPECT_EQ(variant->limit, mdev_available(self->type[i]));
}

/* as many threads as there are instances: no create is refused */
TEST_F_TIMEOUT(slots, churn_within_the_limit, 240)
{
	struct churn c = {
		.type = self->type[0], .each = rounds_scaled(ROUNDS / 10),
		.no_room = no_room(variant->module),
	};

	c.all = rounds_of_all(&c.each, variant->limit);
	crowd_run(variant->limit, churner, &c);
	rounds_end(_metadata, &c.all);
	EXPECT_EQ(0, c.strange);
	EXPECT_EQ((int)c.all.done, c.created);
}

TEST_HARNESS_MAIN
