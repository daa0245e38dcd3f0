// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault injection: the first allocation of a call fails, then the second, until all have failed
 *
 * A call that fails changes neither the counts nor the names. A call that succeeds in spite of
 * the failure leaves an mdev that can be removed like any other. The loops follow the fail-nth
 * example in Documentation/fault-injection/fault-injection.rst.
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

/* far above the number of allocations of any call */
#define NTH_MAX 3000

FIXTURE(create)
{
	char type[PATH_SIZE];
};

FIXTURE_VARIANT(create)
{
	const char *module;
	const char *words;
	bool budget;
	const char *id;
	int limit;
};

FIXTURE_VARIANT_ADD(create, test) { .words = "name=p0 max=3", .id = "mdev_test-t0", .limit = 3 };
FIXTURE_VARIANT_ADD(create, test_counts) {
	.words = "name=p0 avail=3", .id = "mdev_test-t0", .limit = 3,
};
FIXTURE_VARIANT_ADD(create, test_budget) {
	.words = "name=p0 types=2 max=0 total=6,9 cost=1,1:2,1", .budget = true,
	.id = "mdev_test-t1", .limit = 3,
};
FIXTURE_VARIANT_ADD(create, mdpy) { .module = "mdpy", .id = "mdpy-vga", .limit = 4 };
FIXTURE_VARIANT_ADD(create, mtty) { .module = "mtty", .id = "mtty-2", .limit = 12 };
FIXTURE_VARIANT_ADD(create, mbochs) { .module = "mbochs", .id = "mbochs-medium", .limit = 16 };
FIXTURE_VARIANT_ADD(create, rust) { .module = "rust_mdev", .id = "faux_driver-8m", .limit = 2 };

FIXTURE_SETUP(create)
{
	const char *why;

	parents_del_all();
	if (variant->module) {
		int ret;

		/* reload: an earlier test may have lost an instance */
		mdev_remove_all();
		if (module_loaded(variant->module))
			ASSERT_EQ(0, module_unload(variant->module));
		ret = sample_ready(variant->module);
		if (ret)
			SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	} else {
		if (!test_parents())
			SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
		if (variant->budget && !test_budgets())
			SKIP(return, "the stock core has no budgets");
		ASSERT_EQ(0, variant->budget ? parent_new_budget("%s", variant->words) :
			     parent_new("%s", variant->words));
	}
	ASSERT_TRUE(type_path(variant->module ?: "p0", variant->id, self->type));
	/* vfio warns in vfio_group_release() if its own allocations fail: leave those alone */
	why = variant->module ? fault_ready("mdev", "vfio") : fault_ready(NULL, NULL);
	if (why) {
		parents_del_all();
		SKIP(return, "%s", why);
	}
}

FIXTURE_TEARDOWN(create)
{
	mdev_remove_all();
	parents_del_all();
}

TEST_F_TIMEOUT(create, every_allocation, 240)
{
	unsigned int nth, failed = 0, survived = 0;
	struct uuid u = uuid_new();
	int ret, lost = 0, shown;
	bool fired = true;

	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		fault_begin(nth);
		ret = mdev_create(self->type, u.s);
		fired = fault_end();
		if (ret) {
			failed++;
			EXPECT_FALSE(mdev_exists(u.s));
		} else {
			survived += fired;
			ASSERT_EQ(0, mdev_remove(u.s));
		}
		shown = mdev_available(self->type);
		if (shown != variant->limit - lost) {
			say("allocation %u failed (errno %d): %d instances available, %d before",
			    nth, -ret, shown, variant->limit - lost);
			lost = variant->limit - shown;
		}
		/* all instances are lost: every further create fails */
		if (shown <= 0)
			break;
	}
	say("@fault type=%s allocations=%u failed=%u survived=%u lost=%d", variant->id, nth - 2,
	    failed, survived, lost);
	EXPECT_EQ(0, lost);
	EXPECT_FALSE(fired);
	EXPECT_LT(5U, failed);
	EXPECT_EQ(0, mdev_count());
}

/* a removal does not fail for lack of memory */
TEST_F_TIMEOUT(create, remove_cannot_fail, 240)
{
	struct uuid u = uuid_new();
	unsigned int nth, failed = 0;
	bool fired = true;

	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		int ret;

		if (!mdev_exists(u.s))
			ASSERT_EQ(0, mdev_create(self->type, u.s));
		fault_begin(nth);
		ret = mdev_remove(u.s);
		fired = fault_end();
		/* open() and write() may fail before they reach the core: nothing has changed */
		if (ret) {
			failed++;
			ASSERT_TRUE(file_exists(mdev_file(u.s, "remove")));
			ASSERT_TRUE(file_exists(mdev_file(u.s, "mdev_type")));
		} else {
			ASSERT_FALSE(mdev_exists(u.s));
			ASSERT_EQ(variant->limit, mdev_available(self->type));
		}
	}
	say("@fault_remove type=%s allocations=%u failed=%u", variant->id, nth - 2, failed);
	EXPECT_FALSE(fired);
}

/* K35: registering a parent */

FIXTURE(parent)
{
	char type[PATH_SIZE];
};

FIXTURE_SETUP(parent)
{
	const char *why = fault_ready(NULL, NULL);

	if (why)
		SKIP(return, "%s", why);
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	parent_type("p0", 0, self->type);
}

FIXTURE_TEARDOWN(parent)
{
	parents_del_all();
}

static void every_registration(struct __test_metadata *_metadata, const char *type,
			       bool budget)
{
	unsigned int nth, failed = 0;
	struct uuid u = uuid_new();
	bool fired = true;

	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		int ret;

		fault_begin(nth);
		if (budget)
			ret = parent_new_budget("name=p0 types=3 max=0 total=8,8 cost=1,1:2,1:4,1");
		else
			ret = parent_new("name=p0 types=3 max=8 desc=1");
		fired = fault_end();
		if (ret) {
			failed++;
			ASSERT_EQ(0, dir_count(TEST_BUS "/devices"));
			ASSERT_FALSE(file_exists(MDEV_CLASS "/p0"));
			ASSERT_FALSE(file_exists("/sys/bus/mdev/drivers/mdev_test_p0"));
			continue;
		}
		ASSERT_EQ(8, mdev_available(type));
		ASSERT_EQ(0, mdev_create(type, u.s));
		ASSERT_EQ(7, mdev_available(type));
		ASSERT_EQ(0, parent_del("p0"));
		ASSERT_EQ(0, mdev_count());
	}
	say("@fault_register budget=%d allocations=%u failed=%u", budget, nth - 2, failed);
	EXPECT_FALSE(fired);
	EXPECT_LT(20U, failed);
}

TEST_F_TIMEOUT(parent, every_allocation, 240)
{
	every_registration(_metadata, self->type, false);
}

TEST_F_TIMEOUT(parent, every_allocation_with_a_budget, 240)
{
	if (!test_budgets())
		SKIP(return, "the stock core has no budgets");
	every_registration(_metadata, self->type, true);
}

/* mdev_unregister_parent() returns void: it must not fail */
TEST_F_TIMEOUT(parent, unregister_cannot_fail, 240)
{
	struct uuid u = uuid_new(), v = uuid_new();
	bool fired = true;
	unsigned int nth;

	/*
	 * Share the driver of a parent that stays: without memory for the name of a link,
	 * module_remove_driver() of the driver core leaves the link behind.
	 */
	ASSERT_EQ(0, parent_new("name=keep max=8"));
	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		ASSERT_EQ(0, parent_new("name=p0 types=2 driver=keep"));
		ASSERT_EQ(0, mdev_create(self->type, u.s));
		ASSERT_EQ(0, mdev_create(self->type, v.s));
		fault_begin(nth);
		parent_del("p0");
		fired = fault_end();
		/* open() or write() failed before they reached the module */
		if (file_exists(TEST_BUS "/devices/p0"))
			ASSERT_EQ(0, parent_del("p0"));
		ASSERT_EQ(0, mdev_count());
		ASSERT_FALSE(file_exists(MDEV_CLASS "/p0"));
	}
	say("@fault_unregister allocations=%u", nth - 2);
	EXPECT_FALSE(fired);
}

/* K35 with a sample: load the driver, and unload it if that succeeds */

FIXTURE(load)
{
};

FIXTURE_SETUP(load)
{
	int ret = sample_ready("mdpy");
	const char *why;

	if (ret)
		SKIP(return, "mdpy.ko: %s", strerror(-ret));
	why = fault_ready("mdev", NULL);
	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(load)
{
	sample_ready("mdpy");
}

TEST_F_TIMEOUT(load, every_allocation, 300)
{
	/* by the device's path: without memory, a parent may have no link in the class */
	static const char type[] = "/sys/devices/virtual/mdpy/mdpy/mdev_supported_types/mdpy-vga";
	unsigned int nth, failed = 0;
	bool fired = true;

	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		int ret;

		if (module_loaded("mdpy"))
			ASSERT_EQ(0, module_unload("mdpy"));
		ret = module_load_failing("mdpy", nth, &fired);
		if (ret) {
			failed++;
			ASSERT_FALSE(file_exists(MDEV_CLASS "/mdpy"));
			continue;
		}
		ASSERT_EQ(4, mdev_available(type));
	}
	say("@fault_load module=mdpy allocations=%u failed=%u", nth - 2, failed);
	EXPECT_FALSE(fired);
	EXPECT_LT(5U, failed);
}

/*
 * The core itself: its init function fails, and leaves nothing
 *
 * Not every allocation of bus_register(): without memory for its later steps, bus_release() of the
 * kernel unregisters a lockdep key that was not registered, and warns.
 */

FIXTURE(core)
{
};

FIXTURE_VARIANT(core)
{
	const char *below;
};

FIXTURE_VARIANT_ADD(core, class) { .below = "class_compat_register" };
FIXTURE_VARIANT_ADD(core, bus) { .below = "kobject_set_name" };

FIXTURE_SETUP(core)
{
	const char *why = fault_ready_below(variant->below);

	if (why)
		SKIP(return, "%s", why);
	if (core_kind() != CORE_OURS && !strcmp(variant->below, "class_compat_register"))
		SKIP(return, "the stock core adds the class with its first parent");
	if (test_parents())
		ASSERT_EQ(0, parents_del_all());
	mdev_remove_all();
	ASSERT_EQ(0, core_unload());
}

FIXTURE_TEARDOWN(core)
{
	core_load();
}

TEST_F_TIMEOUT(core, init_without_memory, 300)
{
	unsigned int nth, failed = 0;
	bool fired = true;

	for (nth = 1; fired && nth < NTH_MAX; nth++) {
		int ret = module_load_failing("mdev", nth, &fired);

		if (!ret) {
			ASSERT_EQ(0, module_unload("mdev"));
			continue;
		}
		failed++;
		ASSERT_EQ(-ENOMEM, ret);
		ASSERT_FALSE(file_exists("/sys/bus/mdev"));
		ASSERT_FALSE(file_exists(MDEV_CLASS));
	}
	say("@fault_core below=%s allocations=%u failed=%u", variant->below, nth - 2,
	    failed);
	EXPECT_FALSE(fired);
	EXPECT_LT(0U, failed);
}

TEST_HARNESS_MAIN
