// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registrations that must fail, and what they leave
 *
 * The stock core crashes on most of them, so run_mdev.sh runs this program with the stock core only
 * where MDEV_TEST_ONLY names it.
 */
#include <fcntl.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

/* K69: an argument is wrong */

#define NO_DRIVER "the driver is NULL, or mdev_register_driver() was not called for it"

FIXTURE(argument)
{
	char type[PATH_SIZE];
};

FIXTURE_VARIANT(argument)
{
	const char *bad, *said;
};

FIXTURE_VARIANT_ADD(argument, null_parent) { "parent", "the parent is NULL" };
FIXTURE_VARIANT_ADD(argument, null_device) { "device", "the device is NULL" };
FIXTURE_VARIANT_ADD(argument, null_driver) { "driver", NO_DRIVER };
FIXTURE_VARIANT_ADD(argument, unknown_driver) { "unknown_driver", NO_DRIVER };
FIXTURE_VARIANT_ADD(argument, null_types) { "types", "there are no types" };
FIXTURE_VARIANT_ADD(argument, no_types) { "no_types", "there are no types" };
FIXTURE_VARIANT_ADD(argument, null_type) { "type", "a type is NULL" };
FIXTURE_VARIANT_ADD(argument, type_without_name) { "no_name", "a type has no sysfs_name" };
FIXTURE_VARIANT_ADD(argument, two_types_of_one_name) {
	"twins", "two types have the same sysfs_name"
};

FIXTURE_SETUP(argument)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	parent_type("p0", 0, self->type);
}

FIXTURE_TEARDOWN(argument)
{
	parents_del_all();
}

TEST_F(argument, is_refused)
{
	int log = log_open();

	ASSERT_LE(0, log);
	EXPECT_EQ(-EINVAL, parent_new("name=p0 types=3 bad=%s", variant->bad));
	if (core_kind() == CORE_OURS)
		EXPECT_EQ(1, log_count(log, path_of("mdev: cannot register a parent: %s",
						    variant->said)));
	close(log);
	EXPECT_EQ(0, dir_count(TEST_BUS "/devices"));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/p0"));
	/* the next registration works */
	ASSERT_EQ(0, parent_new("name=p0 types=3"));
	EXPECT_EQ(4, mdev_available(self->type));
}

/* K69: a part of it is registered already */

FIXTURE(second)
{
	char type[PATH_SIZE];
};

FIXTURE_VARIANT(second)
{
	const char *bad, *said;
};

FIXTURE_VARIANT_ADD(second, parent) { "again", "the device is" };
FIXTURE_VARIANT_ADD(second, device) { "same_device", "the device is" };
FIXTURE_VARIANT_ADD(second, memory) { "same_memory", "the memory of struct mdev_parent is" };
FIXTURE_VARIANT_ADD(second, type) { "shared_type", "one of the types is" };

FIXTURE_SETUP(second)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	parent_type("p0", 0, self->type);
}

FIXTURE_TEARDOWN(second)
{
	parents_del_all();
}

/* mdev_test.ko returns 0 if the first registration succeeds and the second fails with EEXIST */
TEST_F(second, registration_is_refused)
{
	struct uuid u = uuid_new();
	int log = log_open();

	ASSERT_LE(0, log);
	ASSERT_EQ(0, parent_new("name=p0 types=2 bad=%s", variant->bad));
	if (core_kind() == CORE_OURS)
		EXPECT_EQ(1, log_count(log, path_of("%s registered already", variant->said)));
	close(log);
	/* the first one is unharmed */
	EXPECT_TRUE(file_exists(MDEV_CLASS "/p0"));
	EXPECT_EQ(0, mdev_create(self->type, u.s));
	EXPECT_EQ(3, mdev_available(self->type));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(0, parent_del("p0"));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/p0"));
}

/* K68: two devices of one name */

FIXTURE(name)
{
};

FIXTURE_SETUP(name)
{
	int ret = sample_ready("mdpy");

	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	if (ret)
		SKIP(return, "mdpy.ko: %s", strerror(-ret));
	ASSERT_EQ(0, parents_del_all());
}

FIXTURE_TEARDOWN(name)
{
	parents_del_all();
}

TEST_F(name, of_two_parents)
{
	char type[PATH_SIZE], mdpy[PATH_SIZE];

	/* the sample's parent has the link; the second one works without it */
	ASSERT_TRUE(type_path("mdpy", "mdpy-vga", mdpy));
	ASSERT_EQ(0, parent_new("name=mdpy"));
	ASSERT_TRUE(parent_type("mdpy", 0, type));
	EXPECT_EQ(4, mdev_available(type));
	EXPECT_TRUE(file_exists(mdpy));
	EXPECT_EQ(0, parent_del("mdpy"));
	/* and does not take the link with it */
	EXPECT_TRUE(file_exists(mdpy));
	ASSERT_EQ(0, module_unload("mdpy"));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/mdpy"));
}

/* K63: create while the parent is being registered */

FIXTURE(early)
{
	char create[PATH_SIZE + 16];
};

FIXTURE_SETUP(early)
{
	const char *why;

	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	/* between the first type, which is in sysfs then, and the second one */
	why = window_open("kobject_init_and_add", "registers", 400, 0);
	if (why)
		SKIP(return, "%s", why);
	snprintf(self->create, sizeof(self->create),
		 TEST_BUS "/devices/p0/mdev_supported_types/mdev_test-t0/create");
}

FIXTURE_TEARDOWN(early)
{
	window_close();
	parents_del_all();
}

struct early {
	const char *create, *words;
	struct uuid u;
	int registered, created;
};

static void register_and_create(unsigned int who, void *arg)
{
	struct early *e = arg;
	int i, fd = -1;

	if (who == 0) {
		thread_name("registers");
		e->registered = parent_new("%s", e->words);
		return;
	}
	for (i = 0; i < 2000 && fd < 0; i++) {
		fd = open(e->create, O_WRONLY);
		if (fd < 0)
			msleep(1);
	}
	e->created = write(fd, e->u.s, UUID_LEN) < 0 ? -errno : 0;
	close(fd);
}

TEST_F(early, create_is_refused)
{
	struct early e = {
		.create = self->create, .words = "name=p0 types=2", .u = uuid_new(),
	};

	crowd_run(2, register_and_create, &e);
	EXPECT_EQ(0, e.registered);
	EXPECT_EQ(-ENODEV, e.created);
	EXPECT_FALSE(mdev_exists(e.u.s));
	EXPECT_EQ(0, file_puts(self->create, e.u.s));
}

TEST_F(early, create_and_a_failed_registration)
{
	struct early e = {
		.create = self->create, .words = "name=p0 types=2 bad=twins", .u = uuid_new(),
	};

	crowd_run(2, register_and_create, &e);
	EXPECT_NE(0, e.registered);
	EXPECT_NE(0, e.created);
	EXPECT_EQ(0, mdev_count());
}

TEST_HARNESS_MAIN
