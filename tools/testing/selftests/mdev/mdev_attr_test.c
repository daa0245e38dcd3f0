// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface of parents and types: files, modes, contents, links, uevents
 *
 * mdevctl and libvirt ignore a whole parent if they cannot parse one attribute of one type.
 */
#include <dirent.h>
#include <limits.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

FIXTURE(type)
{
	char path[PATH_SIZE];
};

FIXTURE_VARIANT(type)
{
	const char *module;
	const char *parent;
	const char *id;
	const char *name;
	const char *description;
	const char *available;
};

#define TYPE(_variant, _module, _parent, _id, _name, _description, _available)	\
	FIXTURE_VARIANT_ADD(type, _variant) {					\
		.module = _module, .parent = _parent, .id = _id, .name = _name,	\
		.description = _description, .available = _available,		\
	}

#define DISPLAY "virtual display, "
TYPE(mtty_1, "mtty", "mtty", "mtty-1", "Single port serial\n", NULL, "24\n");
TYPE(mtty_2, "mtty", "mtty", "mtty-2", "Dual port serial\n", NULL, "12\n");
TYPE(mdpy_vga, "mdpy", "mdpy", "mdpy-vga", "mdpy-vga\n", DISPLAY "640x480 framebuffer\n", "4\n");
TYPE(mdpy_xga, "mdpy", "mdpy", "mdpy-xga", "mdpy-xga\n", DISPLAY "1024x768 framebuffer\n", "4\n");
TYPE(mdpy_hd, "mdpy", "mdpy", "mdpy-hd", "mdpy-hd\n", DISPLAY "1920x1080 framebuffer\n", "4\n");
TYPE(mbochs_small, "mbochs", "mbochs", "mbochs-small", "mbochs-small\n",
     DISPLAY "4 MB video memory\n", "64\n");
TYPE(mbochs_medium, "mbochs", "mbochs", "mbochs-medium", "mbochs-medium\n",
     DISPLAY "16 MB video memory\n", "16\n");
TYPE(mbochs_large, "mbochs", "mbochs", "mbochs-large", "mbochs-large\n",
     DISPLAY "64 MB video memory\n", "4\n");
TYPE(rust_2m, "rust_mdev", "rust_mdev", "faux_driver-2m", "PCI memory card, small\n",
     "PCI memory card, 2 MiB\n", "8\n");
TYPE(rust_8m, "rust_mdev", "rust_mdev", "faux_driver-8m", "PCI memory card, large\n",
     "PCI memory card, 8 MiB\n", "2\n");
TYPE(test, NULL, "p0", "mdev_test-t0", "Test type 0\n", "type t0 of a test parent\n", "7\n");

FIXTURE_SETUP(type)
{
	parents_del_all();
	if (variant->module) {
		int ret = sample_ready(variant->module);

		if (ret)
			SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	} else {
		if (!test_parents())
			SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
		ASSERT_EQ(0, parent_new("name=p0 max=7 desc=1"));
	}
	ASSERT_TRUE(type_path(variant->parent, variant->id, self->path));
}

FIXTURE_TEARDOWN(type)
{
	mdev_remove_all();
	parents_del_all();
}

static const char *type_file(const char *type, const char *file)
{
	return path_of("%s/%s", type, file);
}

TEST_F(type, files)
{
	char names[512];

	EXPECT_LT(0, dir_list(self->path, names, sizeof(names)));
	EXPECT_STREQ(variant->description ?
		     "available_instances create description device_api devices name " :
		     "available_instances create device_api devices name ", names);
	EXPECT_EQ(0, dir_count(type_file(self->path, "devices")));
}

TEST_F(type, modes)
{
	EXPECT_EQ(0200, file_mode(type_file(self->path, "create")));
	EXPECT_EQ(0444, file_mode(type_file(self->path, "available_instances")));
	EXPECT_EQ(0444, file_mode(type_file(self->path, "device_api")));
	EXPECT_EQ(0444, file_mode(type_file(self->path, "name")));
	EXPECT_EQ(0755, file_mode(type_file(self->path, "devices")));
	if (variant->description)
		EXPECT_EQ(0444, file_mode(type_file(self->path, "description")));
}

TEST_F(type, wrong_direction)
{
	char text[64];

	EXPECT_EQ(-EACCES, file_read(type_file(self->path, "create"), text, sizeof(text)));
	EXPECT_EQ(-EACCES, file_puts(type_file(self->path, "available_instances"), "1"));
	EXPECT_EQ(-EACCES, file_puts(type_file(self->path, "device_api"), "vfio-ap"));
	EXPECT_EQ(-EACCES, file_puts(type_file(self->path, "name"), "x"));
}

TEST_F(type, bytes)
{
	char text[4096];

	EXPECT_EQ(9, file_read(type_file(self->path, "device_api"), text, sizeof(text)));
	EXPECT_STREQ("vfio-pci\n", text);
	EXPECT_LT(0, file_read(type_file(self->path, "name"), text, sizeof(text)));
	EXPECT_STREQ(variant->name, text);
	EXPECT_LT(0, file_read(type_file(self->path, "available_instances"), text, sizeof(text)));
	EXPECT_STREQ(variant->available, text);
	if (variant->description) {
		EXPECT_LT(0, file_read(type_file(self->path, "description"), text, sizeof(text)));
		EXPECT_STREQ(variant->description, text);
	}
}

TEST_F(type, parsers)
{
	unsigned int libvirt = 0;
	int mdevctl = -1;
	char text[64];

	ASSERT_LT(0, file_read(type_file(self->path, "available_instances"), text, sizeof(text)));
	EXPECT_TRUE(parse_as_mdevctl(text, &mdevctl));
	EXPECT_TRUE(parse_as_libvirt(text, &libvirt));
	EXPECT_EQ(atoi(variant->available), mdevctl);
	EXPECT_EQ(mdevctl, (int)libvirt);
}

TEST_F(type, class_link)
{
	const char *path = path_of(MDEV_CLASS "/%s", variant->parent);
	char target[64], a[PATH_MAX], b[PATH_MAX];

	ASSERT_EQ(0, file_link(path, target, sizeof(target)));
	EXPECT_STREQ(variant->parent, target);
	/* the link leads to the device that mdev_supported_types is in */
	ASSERT_NE(NULL, realpath(path, a));
	ASSERT_NE(NULL, realpath(self->path, b));
	EXPECT_EQ(0, strncmp(a, b, strlen(a)));
}

TEST_F(type, every_read_is_the_same)
{
	char first[4096], again[4096];
	int i;

	for (i = 0; i < 50; i++) {
		file_read(type_file(self->path, "available_instances"), i ? again : first, 4096);
		if (i)
			ASSERT_STREQ(first, again);
	}
}

/* Attributes that no sample can be made to have: parents of mdev_test.ko */

FIXTURE(parent)
{
	char type[PATH_SIZE];
};

FIXTURE_SETUP(parent)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
}

FIXTURE_TEARDOWN(parent)
{
	parents_del_all();
}

TEST_F(parent, name_falls_back_to_the_type_id)
{
	char text[64];

	ASSERT_EQ(0, parent_new("name=p0 types=2 pretty=0"));
	ASSERT_TRUE(parent_type("p0", 1, self->type));
	EXPECT_EQ(3, file_read(type_file(self->type, "name"), text, sizeof(text)));
	EXPECT_STREQ("t1\n", text);
}

TEST_F(parent, device_api_comes_from_the_driver)
{
	char text[64];

	ASSERT_EQ(0, parent_new("name=p0 api=vfio-ccw"));
	ASSERT_EQ(0, parent_new("name=p1 api=vfio-ap"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	EXPECT_EQ(9, file_read(type_file(self->type, "device_api"), text, sizeof(text)));
	EXPECT_STREQ("vfio-ccw\n", text);
	ASSERT_TRUE(parent_type("p1", 0, self->type));
	EXPECT_EQ(8, file_read(type_file(self->type, "device_api"), text, sizeof(text)));
	EXPECT_STREQ("vfio-ap\n", text);
}

TEST_F(parent, device_api_is_mandatory)
{
	EXPECT_EQ(-EINVAL, parent_new("name=p0 api="));
	EXPECT_EQ(0, dir_count(TEST_BUS "/devices"));
}

/* mdevctl reads a signed 32-bit number: available_instances must not exceed INT_MAX */
TEST_F(parent, large_numbers)
{
	static const char * const max[] = { "1", "1000", "2147483647" };
	unsigned int i, libvirt;
	char text[64], want[64];
	int mdevctl;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, parent_new("name=p0 max=%s", max[i]));
		ASSERT_TRUE(parent_type("p0", 0, self->type));
		EXPECT_LT(0, file_read(type_file(self->type, "available_instances"), text,
				       sizeof(text)));
		snprintf(want, sizeof(want), "%s\n", max[i]);
		EXPECT_STREQ(want, text);
		EXPECT_TRUE(parse_as_mdevctl(text, &mdevctl));
		EXPECT_TRUE(parse_as_libvirt(text, &libvirt));
		ASSERT_EQ(0, parent_del("p0"));
	}
}

TEST_F(parent, beyond_int_max_mdevctl_still_reads_it)
{
	struct uuid u = uuid_new();
	char text[64];
	int val;

	ASSERT_EQ(0, parent_new("name=p0 max=4294967295"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	EXPECT_LT(0, file_read(type_file(self->type, "available_instances"), text, sizeof(text)));
	say("max_instances=4294967295 shows %.*s", (int)strcspn(text, "\n"), text);
	EXPECT_TRUE(parse_as_mdevctl(text, &val));
	EXPECT_EQ(INT_MAX, val);
	EXPECT_EQ(0, mdev_create(self->type, u.s));
	EXPECT_EQ(0, mdev_remove(u.s));
}

TEST_F(parent, get_available_is_shown_as_it_is)
{
	static const int forced[] = { 0, 1, 17, INT_MAX };
	unsigned int i;

	ASSERT_EQ(0, parent_new("name=p0 avail=3 max=1"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	EXPECT_EQ(3, mdev_available(self->type));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, parent_set("p0", "forced_available", forced[i]));
		EXPECT_EQ(forced[i], mdev_available(self->type));
	}
}

TEST_F(parent, sixty_four_types)
{
	char text[64], want[64];
	int i;

	ASSERT_EQ(0, parent_new("name=p0 types=64 max=9"));
	EXPECT_EQ(64, dir_count(TEST_BUS "/devices/p0/mdev_supported_types"));
	for (i = 0; i < 64; i++) {
		ASSERT_TRUE(parent_type("p0", i, self->type));
		EXPECT_EQ(9, mdev_available(self->type));
		file_read(type_file(self->type, "name"), text, sizeof(text));
		snprintf(want, sizeof(want), "Test type %d\n", i);
		EXPECT_STREQ(want, text);
	}
}

TEST_F(parent, nothing_is_left_after_unregister)
{
	ASSERT_EQ(0, parent_new("name=p0 types=3"));
	EXPECT_TRUE(file_exists(MDEV_CLASS "/p0"));
	ASSERT_EQ(0, parent_del("p0"));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/p0"));
	EXPECT_FALSE(file_exists("/sys/devices/mdev_test/p0"));
	EXPECT_FALSE(file_exists("/sys/bus/mdev/drivers/mdev_test_p0"));
}

/* Uevents: a udev rule runs at once, so the files it uses must exist when the uevent is sent. */

static bool all_types_there(const char *parent, int types)
{
	static const char * const files[] = {
		"create", "name", "device_api", "available_instances"
	};
	char path[PATH_SIZE];
	int i, j;

	for (i = types - 1; i >= 0; i--) {
		if (!parent_type(parent, i, path))
			return false;
		for (j = 0; j < 4; j++)
			if (!file_exists(type_file(path, files[j])))
				return false;
	}
	return file_exists(path_of(MDEV_CLASS "/%s", parent));
}

struct listener {
	int fd, registered, seen, complete;
};

static void register_and_listen(unsigned int who, void *arg)
{
	struct listener *l = arg;

	if (who == 0) {
		l->registered = parent_new("name=p0 types=64");
		return;
	}
	l->seen = uevent_wait(l->fd, "/p0", "MDEV_STATE=registered", 5000);
	l->complete = all_types_there("p0", 64);
}

TEST_F(parent, registered_event_comes_after_the_files)
{
	struct rounds rounds = rounds_scaled(8);
	struct listener l;

	l.fd = uevent_open();
	ASSERT_LE(0, l.fd);
	while (rounds_next(&rounds)) {
		crowd_run(2, register_and_listen, &l);
		ASSERT_EQ(0, l.registered);
		ASSERT_EQ(0, l.seen);
		ASSERT_TRUE(l.complete);
		ASSERT_EQ(0, parent_del("p0"));
		ASSERT_EQ(0, uevent_wait(l.fd, "/p0", "MDEV_STATE=unregistered", 5000));
	}
	rounds_end(_metadata, &rounds);
	close(l.fd);
}

TEST_F(parent, unregistered_event_comes_after_the_files_are_gone)
{
	int fd = uevent_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, parent_new("name=p0 types=64"));
	ASSERT_EQ(0, uevent_wait(fd, "/p0", "MDEV_STATE=registered", 5000));
	ASSERT_EQ(0, parent_del("p0"));
	ASSERT_EQ(0, uevent_wait(fd, "/p0", "MDEV_STATE=unregistered", 5000));
	EXPECT_FALSE(file_exists(MDEV_CLASS "/p0"));
	EXPECT_FALSE(file_exists("/sys/devices/mdev_test/p0/mdev_supported_types"));
	close(fd);
}

TEST_F(parent, create_and_remove_send_add_and_remove)
{
	struct uuid u = uuid_new();
	const char *end = path_of("/p0/%s", u.s);
	int fd = uevent_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, parent_new("name=p0"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	ASSERT_EQ(0, mdev_create(self->type, u.s));
	EXPECT_EQ(0, uevent_wait(fd, end, "ACTION=add", 5000));
	EXPECT_EQ(0, uevent_wait(fd, end, "ACTION=bind", 5000));
	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(0, uevent_wait(fd, end, "ACTION=unbind", 5000));
	EXPECT_EQ(0, uevent_wait(fd, end, "ACTION=remove", 5000));
	close(fd);
}

/* The uevents of the kernel's sample drivers */

FIXTURE(sample)
{
	int fd;
};

FIXTURE_VARIANT(sample)
{
	const char *module;
};

FIXTURE_VARIANT_ADD(sample, mtty) { .module = "mtty" };
FIXTURE_VARIANT_ADD(sample, mdpy) { .module = "mdpy" };
FIXTURE_VARIANT_ADD(sample, mbochs) { .module = "mbochs" };
FIXTURE_VARIANT_ADD(sample, rust) { .module = "rust_mdev" };

FIXTURE_SETUP(sample)
{
	int ret = sample_ready(variant->module);

	self->fd = -1;
	if (ret)
		SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	self->fd = uevent_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(sample)
{
	close(self->fd);
	sample_ready(variant->module);
}

TEST_F(sample, events_of_load_and_unload)
{
	const char *end = path_of("/%s", variant->module);
	const char *path = path_of(MDEV_CLASS "/%s", variant->module);

	ASSERT_EQ(0, module_unload(variant->module));
	EXPECT_EQ(0, uevent_wait(self->fd, end, "MDEV_STATE=unregistered", 5000));
	EXPECT_FALSE(file_exists(path));
	ASSERT_EQ(0, module_load(variant->module));
	EXPECT_EQ(0, uevent_wait(self->fd, end, "MDEV_STATE=registered", 5000));
	EXPECT_TRUE(file_exists(path));
}

TEST_HARNESS_MAIN
