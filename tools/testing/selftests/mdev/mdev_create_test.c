// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creating and removing in one thread: UUIDs, links, the limit of each type
 */
#include <limits.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define SLOTS_MAX 80

/* A type and its properties; full: the error of a create beyond the limit, for test parents only */
struct known_type {
	const char *module;
	const char *parent;
	const char *id;
	const char *other;
	const char *driver;
	int limit;
	int full;
};

#define KNOWN(_name, _module, _parent, _id, _other, _driver, _limit, _full)		\
static const struct known_type _name = {						\
	.module = _module, .parent = _parent, .id = _id, .other = _other,		\
	.driver = _driver, .limit = _limit, .full = _full,				\
}

KNOWN(mtty_1, "mtty", "mtty", "mtty-1", "mtty-2", "mtty", 24, 0);
KNOWN(mtty_2, "mtty", "mtty", "mtty-2", "mtty-1", "mtty", 12, 0);
KNOWN(mdpy_vga, "mdpy", "mdpy", "mdpy-vga", "mdpy-hd", "mdpy", 4, 0);
KNOWN(mdpy_xga, "mdpy", "mdpy", "mdpy-xga", "mdpy-vga", "mdpy", 4, 0);
KNOWN(mdpy_hd, "mdpy", "mdpy", "mdpy-hd", "mdpy-xga", "mdpy", 4, 0);
KNOWN(mbochs_small, "mbochs", "mbochs", "mbochs-small", "mbochs-large", "mbochs", 64, 0);
KNOWN(mbochs_medium, "mbochs", "mbochs", "mbochs-medium", "mbochs-small", "mbochs", 16, 0);
KNOWN(mbochs_large, "mbochs", "mbochs", "mbochs-large", "mbochs-small", "mbochs", 4, 0);
KNOWN(rust_2m, "rust_mdev", "rust_mdev", "faux_driver-2m", "faux_driver-8m", "rust_mdev", 8, 0);
KNOWN(rust_8m, "rust_mdev", "rust_mdev", "faux_driver-8m", "faux_driver-2m", "rust_mdev", 2, 0);
KNOWN(test, NULL, "p0", "mdev_test-t0", "mdev_test-t1", "mdev_test_p0", 5, -EUSERS);
KNOWN(test_one, NULL, "p1", "mdev_test-t0", "mdev_test-t1", "mdev_test_p1", 1, -EUSERS);
KNOWN(test_counts, NULL, "p2", "mdev_test-t0", "mdev_test-t1", "mdev_test_p2", 3, -ENOSPC);

struct place {
	char path[PATH_SIZE];
	char other[PATH_SIZE];
	int full;
};

/* Returns NULL, or the reason to skip the test. */
static const char *place_setup(struct __test_metadata *_metadata, const struct known_type *t,
			       struct place *p)
{
	parents_del_all();
	if (t->module) {
		int ret = sample_ready(t->module);

		if (ret)
			return path_of("%s.ko: %s", t->module, strerror(-ret));
	} else {
		if (!test_parents())
			return "no mdev_test.ko: its interface is that of 6.1 and later";
		ASSERT_EQ(0, parent_new("name=p0 types=2 max=5"));
		ASSERT_EQ(0, parent_new("name=p1 types=2 max=1"));
		ASSERT_EQ(0, parent_new("name=p2 types=2 avail=3"));
	}
	p->full = t->module ? no_room(t->module) : t->full;
	ASSERT_TRUE(type_path(t->parent, t->id, p->path));
	ASSERT_TRUE(type_path(t->parent, t->other, p->other));
	ASSERT_EQ(t->limit, mdev_available(p->path));
	return NULL;
}

/* Tests that run with every type */

FIXTURE(type)
{
	struct place p;
};

FIXTURE_VARIANT(type)
{
	const struct known_type *t;
};

FIXTURE_VARIANT_ADD(type, mtty_1) { &mtty_1 };
FIXTURE_VARIANT_ADD(type, mtty_2) { &mtty_2 };
FIXTURE_VARIANT_ADD(type, mdpy_vga) { &mdpy_vga };
FIXTURE_VARIANT_ADD(type, mdpy_xga) { &mdpy_xga };
FIXTURE_VARIANT_ADD(type, mdpy_hd) { &mdpy_hd };
FIXTURE_VARIANT_ADD(type, mbochs_small) { &mbochs_small };
FIXTURE_VARIANT_ADD(type, mbochs_medium) { &mbochs_medium };
FIXTURE_VARIANT_ADD(type, mbochs_large) { &mbochs_large };
FIXTURE_VARIANT_ADD(type, rust_2m) { &rust_2m };
FIXTURE_VARIANT_ADD(type, rust_8m) { &rust_8m };
FIXTURE_VARIANT_ADD(type, test) { &test };
FIXTURE_VARIANT_ADD(type, test_one) { &test_one };
FIXTURE_VARIANT_ADD(type, test_counts) { &test_counts };

FIXTURE_SETUP(type)
{
	const char *why = place_setup(_metadata, variant->t, &self->p);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(type)
{
	mdev_remove_all();
	parents_del_all();
}

TEST_F(type, life)
{
	char name[128], a[PATH_MAX], b[PATH_MAX];
	struct uuid u = uuid_new();

	ASSERT_EQ(0, mdev_create(self->p.path, u.s));
	EXPECT_EQ(variant->t->limit - 1, mdev_available(self->p.path));
	EXPECT_EQ(1, mdev_count());

	/* the device is a child of the parent, its name is the UUID */
	ASSERT_NE(NULL, realpath(mdev_file(u.s, ""), a));
	ASSERT_NE(NULL, realpath(path_of(MDEV_CLASS "/%s/%s", variant->t->parent, u.s), b));
	EXPECT_STREQ(b, a);

	EXPECT_EQ(0, file_link(mdev_file(u.s, "mdev_type"), name, sizeof(name)));
	EXPECT_STREQ(variant->t->id, name);
	EXPECT_EQ(0, file_link(mdev_file(u.s, "driver"), name, sizeof(name)));
	EXPECT_STREQ(core_kind() == CORE_OLD ? "vfio_mdev" : variant->t->driver, name);
	EXPECT_EQ(0, file_link(mdev_file(u.s, "subsystem"), name, sizeof(name)));
	EXPECT_STREQ("mdev", name);
	EXPECT_EQ(0200, file_mode(mdev_file(u.s, "remove")));
	EXPECT_EQ(-EACCES, file_read(mdev_file(u.s, "remove"), name, sizeof(name)));

	/* libvirt reads this file of each device */
	EXPECT_LT(0, file_read(mdev_file(u.s, "mdev_type/device_api"), name, sizeof(name)));
	EXPECT_STREQ("vfio-pci\n", name);

	EXPECT_EQ(1, dir_count(path_of("%s/devices", self->p.path)));
	ASSERT_NE(NULL, realpath(path_of("%s/devices/%s", self->p.path, u.s), b));
	EXPECT_STREQ(a, b);
	EXPECT_EQ(0, dir_count(path_of("%s/devices", self->p.other)));

	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_FALSE(mdev_exists(u.s));
	EXPECT_FALSE(file_exists(a));
	EXPECT_FALSE(file_exists(b));
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
	EXPECT_EQ(0, dir_count(path_of("%s/devices", self->p.path)));
	EXPECT_EQ(-ENOENT, mdev_remove(u.s));
}

TEST_F(type, exhaust)
{
	struct uuid u[SLOTS_MAX];
	int i, ret = 0, n = 0, shown = 0, i32;
	char text[64] = "";
	unsigned int u32;

	/* six beyond the limit, to see how far below zero a wrong count goes */
	for (i = 0; i < variant->t->limit + 6 && !ret; i++) {
		u[i] = uuid_new();
		ret = mdev_create(self->p.path, u[i].s);
		if (ret)
			break;
		n++;
		shown = mdev_available(self->p.path);
		if (n <= variant->t->limit)
			EXPECT_EQ(variant->t->limit - n, shown);
	}
	say("@exhaust type=%s limit=%d created=%d shown=%d refusal=%d", variant->t->id,
	    variant->t->limit, n, shown, -ret);
	EXPECT_EQ(variant->t->limit, n);
	EXPECT_EQ(self->p.full, ret);
	EXPECT_EQ(0, shown);
	EXPECT_LT(0, file_read(path_of("%s/available_instances", self->p.path), text,
			       sizeof(text)));
	EXPECT_TRUE(parse_as_mdevctl(text, &i32));
	EXPECT_TRUE(parse_as_libvirt(text, &u32));
	if (n > variant->t->limit)
		return;

	/* a refused create leaves no mdev and takes no instance, however often */
	EXPECT_FALSE(mdev_exists(u[n].s));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(self->p.full, mdev_create(self->p.path, u[n].s));
	EXPECT_EQ(-EEXIST, mdev_create(self->p.path, u[0].s));
	EXPECT_EQ(n, mdev_count());
	/* a removed instance can be created again, one more cannot */
	EXPECT_EQ(0, mdev_remove(u[0].s));
	EXPECT_EQ(1, mdev_available(self->p.path));
	EXPECT_EQ(0, mdev_create(self->p.path, u[n].s));
	EXPECT_EQ(0, mdev_available(self->p.path));
	EXPECT_EQ(self->p.full, mdev_create(self->p.path, u[0].s));
	for (i = 1; i <= n; i++) {
		EXPECT_EQ(0, mdev_remove(u[i].s));
		EXPECT_EQ(i, mdev_available(self->p.path));
	}
}

/* Tests of the core's own behaviour: one type of each driver */

FIXTURE(driver)
{
	struct place p;
};

FIXTURE_VARIANT(driver)
{
	const struct known_type *t;
};

FIXTURE_VARIANT_ADD(driver, mtty) { &mtty_1 };
FIXTURE_VARIANT_ADD(driver, mdpy) { &mdpy_vga };
FIXTURE_VARIANT_ADD(driver, mbochs) { &mbochs_medium };
FIXTURE_VARIANT_ADD(driver, rust) { &rust_2m };
FIXTURE_VARIANT_ADD(driver, test) { &test };
FIXTURE_VARIANT_ADD(driver, test_one) { &test_one };

FIXTURE_SETUP(driver)
{
	const char *why = place_setup(_metadata, variant->t, &self->p);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(driver)
{
	mdev_remove_all();
	parents_del_all();
}

static int create_bytes(const char *type, const void *buf, size_t len)
{
	return file_write(path_of("%s/create", type), buf, len);
}

TEST_F(driver, uuid_forms)
{
	struct uuid u = uuid_new(), upper;
	char line[UUID_LEN + 2];

	upper = u;
	uuid_upper(&upper);
	ASSERT_STRNE(u.s, upper.s);
	snprintf(line, sizeof(line), "%s\n", u.s);

	/* with and without a newline, and in upper case: the device's name is in lower case */
	EXPECT_EQ(0, create_bytes(self->p.path, line, UUID_LEN + 1));
	EXPECT_TRUE(mdev_exists(u.s));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(0, create_bytes(self->p.path, u.s, UUID_LEN));
	EXPECT_TRUE(mdev_exists(u.s));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(0, create_bytes(self->p.path, upper.s, UUID_LEN));
	EXPECT_TRUE(mdev_exists(u.s));
	EXPECT_FALSE(mdev_exists(upper.s));
	EXPECT_EQ(0, mdev_remove(u.s));
	/* with the NUL of a C string; the core ignores the last of 37 bytes */
	EXPECT_EQ(0, create_bytes(self->p.path, u.s, UUID_LEN + 1));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
}

TEST_F(driver, uuid_bad)
{
	static const char * const bad[] = {
		"\n", " ", "1", "x",
		"00000001-abcd-4ef0-8abc-00000000000",	/* a digit short */
		"00000001-abcd-4ef0-8abc-00000000000g",
		"00000001-abcd-4ef0-8abc_000000000001",
		"00000001abcd4ef08abc000000000001",
		"0000000-1abcd-4ef0-8abc-000000000001",
		"000000010abcd04ef008abc0000000000001",
		"{00000001-abcd-4ef0-8abc-00000000001}",
		"{00000001-abcd-4ef0-8abc-000000000001}",
		" 00000001-abcd-4ef0-8abc-000000000001",
		"\n00000001-abcd-4ef0-8abc-00000000001",
		"00000001-abcd-4ef0-8abc-000000000001\n\n",
		"00000001-abcd-4ef0-8abc-000000000001 x",
		"0x000001-abcd-4ef0-8abc-000000000001",
		"------------------------------------",
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int ret = create_bytes(self->p.path, bad[i], strlen(bad[i]));

		if (ret != -EINVAL)
			say("entry %u of the bad UUIDs", i);
		EXPECT_EQ(-EINVAL, ret);
	}
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
}

TEST_F(driver, uuid_empty_and_too_long)
{
	static const size_t sizes[] = { 38, 64, 255, 4095, 4096, 4097, 70000 };
	struct uuid u = uuid_new();
	char *big = malloc(70000);
	unsigned int i;

	ASSERT_NE(NULL, big);
	/* sysfs does not pass an empty write on */
	EXPECT_EQ(0, create_bytes(self->p.path, "", 0));
	/* NULs where the digits should be, NUL in the middle */
	memset(big, 0, 70000);
	EXPECT_EQ(-EINVAL, create_bytes(self->p.path, big, UUID_LEN));
	EXPECT_EQ(-EINVAL, create_bytes(self->p.path, big, 1));
	memcpy(big, u.s, UUID_LEN);
	big[20] = 0;
	EXPECT_EQ(-EINVAL, create_bytes(self->p.path, big, UUID_LEN));

	/* a valid UUID followed by more digits */
	memset(big, '0', 70000);
	memcpy(big, u.s, UUID_LEN);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		EXPECT_EQ(-EINVAL, create_bytes(self->p.path, big, sizes[i])) {
			say("a write of %zu bytes", sizes[i]);
		}
	free(big);
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
}

TEST_F(driver, uuid_duplicate)
{
	struct uuid u = uuid_new(), upper;
	int left;

	upper = u;
	uuid_upper(&upper);
	ASSERT_EQ(0, mdev_create(self->p.path, u.s));
	left = mdev_available(self->p.path);
	EXPECT_EQ(-EEXIST, mdev_create(self->p.path, u.s));
	EXPECT_EQ(-EEXIST, mdev_create(self->p.path, upper.s));
	/* a UUID is unique in the machine, not only within its type */
	EXPECT_EQ(-EEXIST, mdev_create(self->p.other, u.s));
	EXPECT_EQ(left, mdev_available(self->p.path));
	EXPECT_TRUE(mdev_exists(u.s));
	EXPECT_EQ(1, mdev_count());
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
	EXPECT_EQ(0, mdev_create(self->p.other, u.s));
}

static int remove_text(const char *uuid, const char *text)
{
	return file_puts(mdev_file(uuid, "remove"), text);
}

TEST_F(driver, remove_values)
{
	static const char * const bad[] = {
		"x", "1x", "-1", "", " ", "yes", "99999999999999999999999"
	};
	static const char * const good[] = { "1", "1\n", "2", "0x1", "18446744073709551615" };
	struct uuid u = uuid_new();
	unsigned int i;

	ASSERT_EQ(0, mdev_create(self->p.path, u.s));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(*bad[i] ? -EINVAL : 0, remove_text(u.s, bad[i])) {
			say("after writing '%s'", bad[i]);
		}
		EXPECT_TRUE(file_exists(mdev_file(u.s, "remove")));
	}
	EXPECT_EQ(0, remove_text(u.s, "0"));
	EXPECT_EQ(0, remove_text(u.s, "0\n"));
	EXPECT_TRUE(file_exists(mdev_file(u.s, "mdev_type")));
	EXPECT_EQ(variant->t->limit - 1, mdev_available(self->p.path));

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!mdev_exists(u.s))
			ASSERT_EQ(0, mdev_create(self->p.path, u.s));
		EXPECT_EQ(0, remove_text(u.s, good[i])) {
			say("after writing '%s'", good[i]);
		}
		EXPECT_FALSE(mdev_exists(u.s));
	}
	EXPECT_EQ(variant->t->limit, mdev_available(self->p.path));
}

/* K33: restart a virtual machine while all other instances are in use */
TEST_F(driver, stop_start)
{
	struct uuid u[SLOTS_MAX];
	struct rounds rounds;
	int i;

	for (i = 0; i < variant->t->limit; i++) {
		u[i] = uuid_new();
		ASSERT_EQ(0, mdev_create(self->p.path, u[i].s));
	}
	rounds = rounds_scaled(50);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(0, mdev_remove(u[0].s));
		ASSERT_EQ(0, mdev_create(self->p.path, u[0].s));
	}
	rounds_end(_metadata, &rounds);
}

TEST_HARNESS_MAIN
