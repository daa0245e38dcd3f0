// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unloading drivers that have mdevs
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

FIXTURE(module)
{
	char type[PATH_SIZE];
	struct uuid u;
};

/* old_takes_ref: whether the driver of 5.10 pins its module while a device is open */
FIXTURE_VARIANT(module)
{
	const char *module;
	const char *id;
	int limit;
	bool old_takes_ref;
};

FIXTURE_VARIANT_ADD(module, mtty) { "mtty", "mtty-1", 24, false };
FIXTURE_VARIANT_ADD(module, mdpy) { "mdpy", "mdpy-vga", 4, true };
FIXTURE_VARIANT_ADD(module, mbochs) { "mbochs", "mbochs-large", 4, true };
FIXTURE_VARIANT_ADD(module, rust) { "rust_mdev", "faux_driver-2m", 8, true };
FIXTURE_VARIANT_ADD(module, rust_managed) { "rust_managed", "faux_driver-one", 8, true };

FIXTURE_SETUP(module)
{
	int ret = sample_ready(variant->module);

	if (ret)
		SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	ASSERT_TRUE(type_path(variant->module, variant->id, self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
}

FIXTURE_TEARDOWN(module)
{
	sample_ready(variant->module);
}

TEST_F(module, unload_removes_its_mdevs)
{
	EXPECT_EQ(0, mdev_create(self->type, uuid_new().s));
	ASSERT_EQ(0, module_unload(variant->module));
	EXPECT_EQ(0, mdev_count());
	EXPECT_FALSE(file_exists(path_of(MDEV_CLASS "/%s", variant->module)));
	/* after a reload, all instances and UUIDs are free */
	ASSERT_EQ(0, module_load(variant->module));
	EXPECT_EQ(variant->limit, mdev_available(self->type));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
}

TEST_F(module, the_core_stays_while_it_is_used)
{
	EXPECT_EQ(-EAGAIN, module_unload("mdev"));
	EXPECT_EQ(0, mdev_remove(self->u.s));
	/* a registered driver pins the core, too */
	EXPECT_EQ(-EAGAIN, module_unload("mdev"));
}

struct open_unload {
	const char *module;
	struct vfio_user user;
	int unloaded;
	long long closed, done;
};

static void unload_then_close(unsigned int who, void *arg)
{
	struct open_unload *o = arg;

	if (who == 0) {
		o->unloaded = module_unload(o->module);
		o->done = now_ms();
		return;
	}
	msleep(400);
	o->closed = now_ms();
	vfio_close_mdev(&o->user);
}

TEST_F(module, unload_while_open)
{
	struct open_unload o = { .module = variant->module };
	int ret = vfio_open_mdev(self->u.s, &o.user);

	if (ret) {
		ASSERT_EQ(-ENOENT, ret);
		SKIP(return, "no /dev/vfio groups in this kernel");
	}
	crowd_run(2, unload_then_close, &o);
	say("@unload module=%s open=1 ret=%d waited=%d", variant->module, -o.unloaded,
	    o.done >= o.closed);
	if (core_kind() == CORE_OLD && !variant->old_takes_ref) {
		/* no reference: the unload waits for the close instead */
		EXPECT_EQ(0, o.unloaded);
		EXPECT_LE(o.closed, o.done);
		return;
	}
	EXPECT_EQ(-EAGAIN, o.unloaded);
	EXPECT_GT(o.closed, o.done);
	EXPECT_TRUE(mdev_exists(self->u.s));
	/* after the close, the module can be unloaded */
	EXPECT_EQ(0, module_unload(variant->module));
}

TEST_F_TIMEOUT(module, load_and_unload, 240)
{
	struct rounds rounds = rounds_scaled(10);

	while (rounds_next(&rounds)) {
		ASSERT_EQ(0, module_unload(variant->module));
		ASSERT_EQ(0, module_load(variant->module));
		ASSERT_EQ(variant->limit, mdev_available(self->type));
		ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	}
	rounds_end(_metadata, &rounds);
}

struct load_race {
	const char *module;
	int ret;
};

static void reload(unsigned int who, void *arg)
{
	struct load_race *r = (struct load_race *)arg + who;

	r->ret = module_load(r->module);
}

/* K36: the first parents after the core was loaded are registered at the same time */
TEST_F(module, first_two_parents_at_once)
{
	struct load_race r[3] = { { "mtty", 0 }, { "mdpy", 0 }, { "mbochs", 0 } };
	static const char * const type[] = { "mtty-1", "mdpy-vga", "mbochs-large" };
	struct rounds rounds = rounds_scaled(5);
	char path[PATH_SIZE];
	unsigned int i;

	if (core_kind() == CORE_OLD)
		SKIP(return, "vfio_mdev.ko pins the core before 6.1");
	while (rounds_next(&rounds)) {
		for (i = 0; i < 3; i++)
			if (module_loaded(r[i].module))
				ASSERT_EQ(0, module_unload(r[i].module));
		if (!module_loaded("mdev_test")) {
			ASSERT_EQ(0, module_unload("mdev"));
			ASSERT_EQ(0, module_load("mdev"));
		}
		crowd_run(3, reload, r);
		for (i = 0; i < 3; i++) {
			EXPECT_EQ(0, r[i].ret);
			EXPECT_TRUE(type_path(r[i].module, type[i], path));
			EXPECT_LT(0, mdev_available(path));
		}
	}
	rounds_end(_metadata, &rounds);
}

/* mdev_test.ko is unloaded with parents, mdevs and held references */
TEST_F(module, test_parents_leave_with_their_module)
{
	bool budget = test_budgets();
	char type[PATH_SIZE];
	int i;

	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	if (budget)
		ASSERT_EQ(0, module_unload("mdev_test_budget"));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, parent_new("name=p0 max=9"));
		ASSERT_EQ(0, parent_new("name=p1 max=9 driver=p0"));
		ASSERT_TRUE(parent_type("p1", 0, type));
		ASSERT_EQ(0, mdev_create(type, uuid_new().s));
		ASSERT_EQ(0, mdev_create(type, uuid_new().s));
		ASSERT_EQ(0, module_unload("mdev_test"));
		EXPECT_EQ(1, mdev_count());
		ASSERT_EQ(0, module_load("mdev_test"));
	}
	if (budget)
		ASSERT_EQ(0, module_load("mdev_test_budget"));
}

/*
 * Debian's kvmgt.ko, built with the stock header, finds its symbols in this core, registers its
 * driver and can be unloaded. Without a graphics card it registers no parent.
 */
TEST(kvmgt_as_shipped_loads)
{
	if (!file_exists("/modules/common/kvmgt.ko"))
		SKIP(return, "this kernel comes without a kvmgt.ko");
	if (core_kind() == CORE_OLD)
		SKIP(return, "before 6.1 kvmgt.ko does not load without the graphics card");
	if (!system("grep -q ' mdev_register_device\\>' /proc/kallsyms")) {
		/*
		 * This core has the old interface in source form only: the CRCs of its symbols
		 * differ from Debian's, and the module must be refused cleanly.
		 */
		EXPECT_NE(0, system("load kvmgt"));
		EXPECT_FALSE(file_exists("/sys/module/kvmgt"));
		EXPECT_FALSE(file_exists("/sys/module/mdev/holders/kvmgt"));
		return;
	}
	ASSERT_EQ(0, system("load kvmgt"));
	EXPECT_TRUE(file_exists("/sys/module/mdev/holders/kvmgt"));
	EXPECT_EQ(-EAGAIN, module_unload("mdev"));
	EXPECT_EQ(0, module_unload("kvmgt"));
	EXPECT_FALSE(file_exists("/sys/module/mdev/holders/kvmgt"));
}

TEST_HARNESS_MAIN
