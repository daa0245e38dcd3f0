// SPDX-License-Identifier: GPL-2.0-only
/*
 * References on the device of a removed mdev
 *
 * Run this program last: the stock core uses memory of the parent after the driver has freed it,
 * and the kernel may crash.
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

FIXTURE(held)
{
	char type[PATH_SIZE];
	struct uuid u;
};

FIXTURE_SETUP(held)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0 types=2 max=1"));
	ASSERT_EQ(0, parent_set("p0", "hold", 1));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(1, held_count());
}

FIXTURE_TEARDOWN(held)
{
	/* in this order: the stock core needs the parent for the last put */
	held_drop();
	parents_del_all();
}

/* K33 */
TEST_F(held, slot_and_uuid_come_back_with_remove)
{
	ASSERT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(1, held_count());
	EXPECT_FALSE(mdev_exists(self->u.s));
	EXPECT_EQ(1, mdev_available(self->type));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
	EXPECT_EQ(2, held_count());
	EXPECT_EQ(0, mdev_available(self->type));
	/* the last put of the removed mdev does not change the count */
	ASSERT_EQ(0, held_drop());
	EXPECT_EQ(0, mdev_available(self->type));
	EXPECT_TRUE(mdev_exists(self->u.s));
	EXPECT_EQ(-EUSERS, mdev_create(self->type, uuid_new().s));
	EXPECT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(1, mdev_available(self->type));
}

TEST_F(held, stop_start)
{
	struct rounds rounds = rounds_scaled(100);
	unsigned int refused = 0;

	while (rounds_next(&rounds)) {
		int ret;

		ASSERT_EQ(0, mdev_remove(self->u.s));
		ret = mdev_create(self->type, self->u.s);
		if (!ret)
			continue;
		refused++;
		held_drop();
		ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	}
	say("@stop_start held=1 rounds=%u refused=%u", rounds.done, refused);
	rounds_end(_metadata, &rounds);
	EXPECT_EQ(0U, refused);
}

TEST_F(held, probe_failure_and_a_held_predecessor)
{
	ASSERT_EQ(0, mdev_remove(self->u.s));
	ASSERT_EQ(0, parent_set("p0", "probe_error", EIO));
	EXPECT_EQ(-EIO, mdev_create(self->type, self->u.s));
	EXPECT_EQ(-EIO, mdev_create(self->type, self->u.s));
	EXPECT_EQ(1, mdev_available(self->type));
}

/* K29: the last put comes after parent, types and driver are overwritten and freed */
TEST_F(held, longer_than_the_parent)
{
	ASSERT_EQ(0, parent_del("p0"));
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(1, held_count());
	ASSERT_EQ(0, held_drop());
	EXPECT_EQ(0, held_count());
	/* a new parent of that name works */
	ASSERT_EQ(0, parent_new("name=p0 max=1"));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, mdev_remove(self->u.s));
}

TEST_F(held, longer_than_the_parent_and_its_successor)
{
	ASSERT_EQ(0, parent_del("p0"));
	/* a parent with the same name, perhaps in the same memory */
	ASSERT_EQ(0, parent_new("name=p0 types=2 max=1"));
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, mdev_available(self->type));
	ASSERT_EQ(0, held_drop());
	EXPECT_EQ(0, mdev_available(self->type));
	EXPECT_TRUE(mdev_exists(self->u.s));
	EXPECT_EQ(-EEXIST, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(1, mdev_available(self->type));
}

/* The same with mdevs of the samples; this project's core finds the mdev to hold. */
FIXTURE(sample)
{
	char type[PATH_SIZE];
	struct uuid u;
};

FIXTURE_VARIANT(sample)
{
	const char *module, *id;
	int limit;
};

FIXTURE_VARIANT_ADD(sample, mtty) { .module = "mtty", .id = "mtty-2", .limit = 12 };
FIXTURE_VARIANT_ADD(sample, mdpy) { .module = "mdpy", .id = "mdpy-vga", .limit = 4 };
FIXTURE_VARIANT_ADD(sample, mbochs) { .module = "mbochs", .id = "mbochs-large", .limit = 4 };
FIXTURE_VARIANT_ADD(sample, rust) {
	.module = "rust_mdev", .id = "faux_driver-8m", .limit = 2,
};

FIXTURE_SETUP(sample)
{
	int ret;

	SKIP_WITHOUT_BUDGETS();
	ret = sample_ready(variant->module);
	if (ret)
		SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	ASSERT_TRUE(type_path(variant->module, variant->id, self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, file_puts(TEST_BUS "/find_hold", self->u.s));
	ASSERT_EQ(1, held_count());
}

FIXTURE_TEARDOWN(sample)
{
	held_drop();
	sample_ready(variant->module);
}

TEST_F(sample, slot_and_uuid_come_back_with_remove)
{
	ASSERT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(variant->limit, mdev_available(self->type));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, held_drop());
	EXPECT_TRUE(mdev_exists(self->u.s));
	EXPECT_EQ(variant->limit - 1, mdev_available(self->type));
}

TEST_F(sample, longer_than_its_driver)
{
	ASSERT_EQ(0, module_unload(variant->module));
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(1, held_count());
	/* the driver again, perhaps in the same memory */
	ASSERT_EQ(0, module_load(variant->module));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, held_drop());
	EXPECT_TRUE(mdev_exists(self->u.s));
	EXPECT_EQ(variant->limit - 1, mdev_available(self->type));
}

TEST_HARNESS_MAIN
