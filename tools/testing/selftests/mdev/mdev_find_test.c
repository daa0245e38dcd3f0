// SPDX-License-Identifier: GPL-2.0-only
/*
 * This project's core: mdev_get_by_uuid()
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

/* Finding by UUID */

FIXTURE(find)
{
	char type[PATH_SIZE];
	struct uuid u;
};

FIXTURE_SETUP(find)
{
	SKIP_WITHOUT_BUDGETS();
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0 max=1000"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	self->u = uuid_new();
}

FIXTURE_TEARDOWN(find)
{
	parents_del_all();
}

static int find(const char *uuid)
{
	return file_puts(TEST_BUS "/find", uuid);
}

TEST_F(find, present_and_absent)
{
	struct uuid upper = self->u;

	uuid_upper(&upper);
	EXPECT_EQ(-ENOENT, find(self->u.s));
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, find(self->u.s));
	EXPECT_EQ(0, find(upper.s));
	EXPECT_EQ(-ENOENT, find(uuid_new().s));
	ASSERT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(-ENOENT, find(self->u.s));
}

TEST_F(find, of_every_driver)
{
	char type[PATH_SIZE];

	if (sample_ready("mtty"))
		SKIP(return, "no mtty.ko");
	ASSERT_TRUE(type_path("mtty", "mtty-1", type));
	ASSERT_EQ(0, mdev_create(type, self->u.s));
	EXPECT_EQ(0, find(self->u.s));
	ASSERT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(-ENOENT, find(self->u.s));
}

TEST_F(find, takes_a_reference)
{
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, file_puts(TEST_BUS "/find_hold", self->u.s));
	EXPECT_EQ(1, held_count());
	ASSERT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(-ENOENT, find(self->u.s));
	/* the new mdev of that UUID is found, not the removed one */
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, find(self->u.s));
	ASSERT_EQ(0, parent_del("p0"));
	EXPECT_EQ(-ENOENT, find(self->u.s));
	EXPECT_EQ(0, held_drop());
}

TEST_F(find, not_after_a_failed_probe)
{
	ASSERT_EQ(0, parent_set("p0", "probe_error", EIO));
	ASSERT_EQ(-EIO, mdev_create(self->type, self->u.s));
	EXPECT_EQ(-ENOENT, find(self->u.s));
}

struct find_race {
	const char *type, *uuid;
	int ret, during;
	struct rounds rounds;
	int found, missed, strange;
	bool stop;
};

static void slowly(unsigned int who, void *arg)
{
	struct find_race *r = arg;

	if (who == 0) {
		r->ret = r->type ? mdev_create(r->type, r->uuid) : mdev_remove(r->uuid);
		return;
	}
	msleep(150);
	r->during = find(r->uuid);
}

TEST_F(find, not_during_probe_or_remove)
{
	struct find_race r = { .type = self->type, .uuid = self->u.s };

	ASSERT_EQ(0, parent_set("p0", "probe_delay", 300));
	ASSERT_EQ(0, parent_set("p0", "remove_delay", 300));
	crowd_run(2, slowly, &r);
	EXPECT_EQ(0, r.ret);
	EXPECT_EQ(-ENOENT, r.during);
	EXPECT_EQ(0, find(self->u.s));
	r.type = NULL;
	crowd_run(2, slowly, &r);
	EXPECT_EQ(0, r.ret);
	EXPECT_EQ(-ENOENT, r.during);
}

static void finder(unsigned int who, void *arg)
{
	struct find_race *r = arg;

	if (who == 0) {
		while (rounds_next(&r->rounds)) {
			r->ret |= mdev_create(r->type, r->uuid);
			r->ret |= mdev_remove(r->uuid);
		}
		__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
		return;
	}
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		int ret = find(r->uuid);

		if (!ret)
			__atomic_add_fetch(&r->found, 1, __ATOMIC_RELAXED);
		else if (ret == -ENOENT)
			__atomic_add_fetch(&r->missed, 1, __ATOMIC_RELAXED);
		else
			r->strange = ret;
	}
}

TEST_F_TIMEOUT(find, against_create_and_remove, 240)
{
	struct find_race r = {
		.type = self->type, .uuid = self->u.s, .rounds = rounds_scaled(300),
	};

	crowd_run(4, finder, &r);
	EXPECT_EQ(0, r.ret);
	EXPECT_EQ(0, r.strange);
	EXPECT_LT(0, r.found + r.missed);
	say("@find rounds=%u found=%d missed=%d", r.rounds.done, r.found, r.missed);
	rounds_end(_metadata, &r.rounds);
}

static void type_finder(unsigned int who, void *arg)
{
	struct find_race *r = arg;

	if (who == 0) {
		/* mdev_test.ko overwrites and frees the type */
		while (rounds_next(&r->rounds)) {
			r->ret |= mdev_create(r->type, r->uuid);
			msleep(r->rounds.done % 3);
			r->ret |= parent_del("p0");
			r->ret |= parent_new("name=p0 max=1000");
		}
		__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
		return;
	}
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		int ret = file_puts(TEST_BUS "/find_type", r->uuid);

		if (!ret)
			__atomic_add_fetch(&r->found, 1, __ATOMIC_RELAXED);
		else if (ret == -ENOENT || ret == -ENODEV)
			__atomic_add_fetch(&r->missed, 1, __ATOMIC_RELAXED);
		else
			r->strange = ret;
	}
}

/* K70: with the lock of a bound device, its type may be used */
TEST_F_TIMEOUT(find, type_is_safe_under_the_lock, 240)
{
	struct find_race r = {
		.type = self->type, .uuid = self->u.s, .rounds = rounds_scaled(100),
	};

	crowd_run(4, type_finder, &r);
	EXPECT_EQ(0, r.ret);
	EXPECT_EQ(0, r.strange);
	EXPECT_LT(0, r.found + r.missed);
	say("@find_type rounds=%u found=%d missed=%d", r.rounds.done, r.found, r.missed);
	rounds_end(_metadata, &r.rounds);
}

TEST_F(find, among_many)
{
	struct uuid u[500];
	int i;

	for (i = 0; i < 500; i++) {
		u[i] = uuid_new();
		ASSERT_EQ(0, mdev_create(self->type, u[i].s));
	}
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(0, find(u[i].s));
	}
	for (i = 0; i < 500; i += 2) {
		ASSERT_EQ(0, mdev_remove(u[i].s));
	}
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(i % 2 ? 0 : -ENOENT, find(u[i].s));
	}
}

TEST_HARNESS_MAIN
