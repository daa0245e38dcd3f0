// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: types that share a resource, and creates that fail take no instance
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

#define SLOTS_MAX 80

/* The types of a sample take different amounts of one resource */

FIXTURE(mixed)
{
	char type[3][PATH_SIZE];
};

FIXTURE_VARIANT(mixed)
{
	const char *module;
	int types;
	const char *id[3];
	int total;
	int cost[3];
};

FIXTURE_VARIANT_ADD(mixed, mtty) {
	.module = "mtty", .types = 2, .id = { "mtty-1", "mtty-2" },
	.total = 24, .cost = { 1, 2 },
};

FIXTURE_VARIANT_ADD(mixed, mdpy) {
	.module = "mdpy", .types = 3, .id = { "mdpy-vga", "mdpy-xga", "mdpy-hd" },
	.total = 4, .cost = { 1, 1, 1 },
};

FIXTURE_VARIANT_ADD(mixed, mbochs) {
	.module = "mbochs", .types = 3, .id = { "mbochs-small", "mbochs-medium", "mbochs-large" },
	.total = 256, .cost = { 4, 16, 64 },
};

FIXTURE_VARIANT_ADD(mixed, rust) {
	.module = "rust_mdev", .types = 2, .id = { "faux_driver-2m", "faux_driver-8m" },
	.total = 16, .cost = { 2, 8 },
};

FIXTURE_VARIANT_ADD(mixed, test) {
	.types = 3, .id = { "mdev_test-t0", "mdev_test-t1", "mdev_test-t2" },
	.total = 7, .cost = { 1, 1, 1 },
};

FIXTURE_SETUP(mixed)
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
		ASSERT_EQ(0, parent_new("name=p0 types=3 max=7"));
	}
	for (i = 0; i < variant->types; i++) {
		ASSERT_TRUE(type_path(variant->module ?: "p0", variant->id[i], self->type[i]));
	}
}

FIXTURE_TEARDOWN(mixed)
{
	mdev_remove_all();
	parents_del_all();
}

static bool numbers_are(char type[][PATH_SIZE], int types, const int *cost, int free)
{
	bool ok = true;
	int i;

	for (i = 0; i < types; i++) {
		int shown = mdev_available(type[i]);

		if (shown != free / cost[i]) {
			say("type %d shows %d instances; %d units are free, one takes %d", i,
			    shown, free, cost[i]);
			ok = false;
		}
	}
	return ok;
}

/* K30: in any order, all units can be used, none twice, and available_instances is right */
TEST_F(mixed, one_budget)
{
	int seed, i, t, n, free, ret;
	int took[SLOTS_MAX];
	struct uuid u[SLOTS_MAX];

	for (seed = 0; seed < 6; seed++) {
		free = variant->total;
		for (n = 0; n < SLOTS_MAX; n++) {
			t = (seed + n * (seed % variant->types + 1)) % variant->types;
			/* if this type does not fit, it is refused, and the smallest may fit */
			if (free < variant->cost[t]) {
				u[n] = uuid_new();
				ret = mdev_create(self->type[t], u[n].s);
				ASSERT_EQ(no_room(variant->module), ret);
				t = 0;
			}
			if (free < variant->cost[t])
				break;
			u[n] = uuid_new();
			took[n] = t;
			ASSERT_EQ(0, mdev_create(self->type[t], u[n].s));
			free -= variant->cost[t];
			ASSERT_TRUE(numbers_are(self->type, variant->types, variant->cost, free));
		}
		ASSERT_EQ(0, free);
		for (i = 0; i < n; i++) {
			ASSERT_EQ(0, mdev_remove(u[i].s));
			free += variant->cost[took[i]];
			ASSERT_TRUE(numbers_are(self->type, variant->types, variant->cost, free));
		}
	}
}

/* Errors that only mdev_test.ko can provoke */

FIXTURE(errors)
{
	char type[PATH_SIZE];
};

FIXTURE_SETUP(errors)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0 max=3"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
}

FIXTURE_TEARDOWN(errors)
{
	mdev_remove_all();
	parents_del_all();
}

TEST_F(errors, probe_failure_gives_the_slot_back)
{
	static const int errors[] = {
		EIO, ENODEV, ENXIO, EBUSY, ENOMEM, ENOSPC, EPERM, EINVAL, EUSERS
	};
	struct uuid u = uuid_new();
	unsigned int i, j;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		ASSERT_EQ(0, parent_set("p0", "probe_error", errors[i]));
		/* more often than there are instances */
		for (j = 0; j < 5; j++) {
			EXPECT_EQ(-errors[i], mdev_create(self->type, u.s));
			EXPECT_FALSE(mdev_exists(u.s));
			EXPECT_EQ(3, mdev_available(self->type));
		}
	}
	ASSERT_EQ(0, parent_set("p0", "probe_error", 0));
	EXPECT_EQ(0, mdev_create(self->type, u.s));
	EXPECT_EQ(2, mdev_available(self->type));
	EXPECT_EQ(1, parent_get("p0", "probes"));
	EXPECT_EQ(0, parent_get("p0", "removes"));
}

/* EPROBE_DEFER is no errno of user space */
TEST_F(errors, probe_defer_is_eagain)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_set("p0", "probe_error", 517));
	EXPECT_EQ(-EAGAIN, mdev_create(self->type, u.s));
	EXPECT_FALSE(mdev_exists(u.s));
	EXPECT_EQ(3, mdev_available(self->type));
}

TEST_F(errors, one_remove_for_each_probe)
{
	struct uuid u = uuid_new();
	int i;

	for (i = 1; i <= 20; i++) {
		ASSERT_EQ(0, mdev_create(self->type, u.s));
		EXPECT_EQ(i, parent_get("p0", "probes"));
		EXPECT_EQ(i - 1, parent_get("p0", "removes"));
		ASSERT_EQ(0, mdev_remove(u.s));
		EXPECT_EQ(i, parent_get("p0", "removes"));
		EXPECT_EQ(0, parent_get("p0", "used"));
	}
}

TEST_F(errors, max_instances_zero_admits_none)
{
	struct uuid u = uuid_new();

	ASSERT_EQ(0, parent_new("name=p1 max=0"));
	ASSERT_TRUE(parent_type("p1", 0, self->type));
	EXPECT_EQ(0, mdev_available(self->type));
	EXPECT_EQ(-EUSERS, mdev_create(self->type, u.s));
	EXPECT_EQ(0, mdev_available(self->type));
}

/* with get_available(), the driver admits or refuses, and max_instances has no effect */
TEST_F(errors, get_available_counts_alone)
{
	struct uuid u[4];
	int i;

	ASSERT_EQ(0, parent_new("name=p1 types=2 avail=4 max=1"));
	ASSERT_TRUE(parent_type("p1", 1, self->type));
	ASSERT_EQ(0, parent_set("p1", "forced_available", 0));
	for (i = 0; i < 4; i++) {
		u[i] = uuid_new();
		EXPECT_EQ(0, mdev_create(self->type, u[i].s));
	}
	ASSERT_EQ(0, parent_set("p1", "forced_available", -1));
	EXPECT_EQ(0, mdev_available(self->type));
	EXPECT_EQ(-ENOSPC, mdev_create(self->type, uuid_new().s));
	EXPECT_EQ(0, mdev_remove(u[0].s));
	EXPECT_EQ(1, mdev_available(self->type));
}

/* vfio-ccw has one driver and a parent for each subchannel: each parent has its own count */
TEST_F(errors, parents_of_one_driver_count_apart)
{
	char other[PATH_SIZE], name[64];
	struct uuid u[4];
	int i;

	ASSERT_EQ(0, parent_new("name=p1 driver=p0"));
	ASSERT_TRUE(parent_type("p1", 0, other));
	for (i = 0; i < 3; i++) {
		u[i] = uuid_new();
		ASSERT_EQ(0, mdev_create(self->type, u[i].s));
	}
	EXPECT_EQ(0, mdev_available(self->type));
	EXPECT_EQ(3, mdev_available(other));
	EXPECT_EQ(-EEXIST, mdev_create(other, u[0].s));
	u[3] = uuid_new();
	EXPECT_EQ(-EUSERS, mdev_create(self->type, u[3].s));
	EXPECT_EQ(0, mdev_create(other, u[3].s));
	EXPECT_EQ(0, file_link(mdev_file(u[3].s, "driver"), name, sizeof(name)));
	EXPECT_STREQ("mdev_test_p0", name);
	/* unregistering a parent removes its mdevs only */
	EXPECT_EQ(0, parent_del("p0"));
	EXPECT_EQ(1, mdev_count());
	EXPECT_TRUE(mdev_exists(u[3].s));
	EXPECT_EQ(2, mdev_available(other));
	EXPECT_EQ(0, mdev_create(other, u[0].s));
}

TEST_F(errors, a_new_parent_starts_full)
{
	struct uuid u = uuid_new();
	int i;

	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, mdev_create(self->type, u.s));
		EXPECT_EQ(0, mdev_create(self->type, uuid_new().s));
		/* unregistering removes both mdevs */
		ASSERT_EQ(0, parent_del("p0"));
		EXPECT_EQ(0, mdev_count());
		ASSERT_EQ(0, parent_new("name=p0 max=3"));
		EXPECT_EQ(3, mdev_available(self->type));
	}
}

TEST_F(errors, a_device_is_a_parent_once)
{
	EXPECT_EQ(-EEXIST, parent_new("name=p0"));
	EXPECT_EQ(3, mdev_available(self->type));
}

TEST_HARNESS_MAIN
