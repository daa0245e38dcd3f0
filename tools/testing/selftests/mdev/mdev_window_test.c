// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races in windows that mdev_window.ko holds open
 *
 * The stock core crashes, so run_mdev.sh runs this program with the stock core only where
 * MDEV_TEST_ONLY names it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/vfio.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

FIXTURE(window)
{
	char type[PATH_SIZE];
	struct uuid u;
};

FIXTURE_SETUP(window)
{
	const char *why = window_open("kobject_init_and_add", "nobody", 1, 0);

	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	if (why)
		SKIP(return, "%s", why);
	window_close();
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	self->u = uuid_new();
}

FIXTURE_TEARDOWN(window)
{
	window_close();
	parents_del_all();
}

struct race {
	const char *type, *uuid;
	int ret[2], pid;
	long long took;
	const char *why;
};

static void remove_and_unregister(unsigned int who, void *arg)
{
	struct race *r = arg;

	if (who == 0) {
		thread_name("removes");
		r->ret[0] = mdev_remove(r->uuid);
		return;
	}
	msleep(200);
	/* it waits for the remove by now; the driver frees the parent when it goes on */
	r->pid = syscall(SYS_gettid);
	/* an unlock that finds a waiter calls it; the waiter may look again before that has run */
	r->why = window_open("rwsem_wake", "removes", 1500, r->pid);
	if (r->why)
		r->why = window_open("rwsem_wake.isra.0", "removes", 1500, r->pid);
	r->took = now_ms();
	r->ret[1] = parent_del("p0");
	r->took = now_ms() - r->took;
}

/* K64: the parent is freed while the last remove is on its way out */
TEST_F(window, remove_and_a_parent_that_is_freed)
{
	struct race r = { .type = self->type, .uuid = self->u.s };

	/* a driver that stays: unregistering a driver waits for the remove, too */
	ASSERT_EQ(0, parent_del("p0"));
	ASSERT_EQ(0, parent_new("name=keep"));
	ASSERT_EQ(0, parent_new("name=p0 driver=keep"));
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, parent_set("p0", "remove_delay", 1000));
	crowd_run(2, remove_and_unregister, &r);
	if (r.why)
		SKIP(return, "%s", r.why);
	EXPECT_EQ(0, r.ret[0]);
	EXPECT_EQ(0, r.ret[1]);
	/* the driver's remove had some 800 ms left */
	EXPECT_LE(400, r.took);
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(1, dir_count(TEST_BUS "/devices"));
}

static void create_and_remove(unsigned int who, void *arg)
{
	struct race *r = arg;
	int i;

	if (who == 0) {
		thread_name("creates");
		r->ret[0] = mdev_create(r->type, r->uuid);
		return;
	}
	/* a write that comes before the mdev is live removes the file of the stock core: EAGAIN */
	for (i = 0; i < 5000 && !window_hits(); i++)
		msleep(1);
	for (i = 0; i < 2000; i++) {
		r->ret[1] = mdev_remove(r->uuid);
		if (!r->ret[1])
			break;
		msleep(1);
	}
}

/* K65: the message "created" is printed of an mdev that is removed meanwhile */
TEST_F(window, create_prints_an_mdev_that_is_removed)
{
	struct race r = { .type = self->type, .uuid = self->u.s };

	if (file_puts("/sys/kernel/debug/dynamic_debug/control", "module mdev +p"))
		SKIP(return, "this kernel has no CONFIG_DYNAMIC_DEBUG");
	r.why = window_open("__dynamic_dev_dbg", "creates", 600, 0);
	if (r.why)
		SKIP(return, "%s", r.why);
	crowd_run(2, create_and_remove, &r);
	file_puts("/sys/kernel/debug/dynamic_debug/control", "module mdev -p");
	EXPECT_EQ(0, r.ret[0]);
	EXPECT_EQ(0, r.ret[1]);
	EXPECT_LT(0, window_hits());
	EXPECT_FALSE(mdev_exists(self->u.s));
}

/* K72: kobjects are released after the core could be unloaded */
TEST_F(window, late_release)
{
	long long start = now_ms();

	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, file_puts(TEST_BUS "/window", "p0 3000"));
	ASSERT_EQ(0, parent_del("p0"));
	/* returns when the last release function has run */
	ASSERT_EQ(0, core_unload());
	EXPECT_LE(2500, now_ms() - start);
	while (now_ms() - start < 4000)
		msleep(100);
	ASSERT_EQ(0, core_load());
}

/* K71, K73: no window is needed, and no crash is expected */

FIXTURE(bind)
{
	char type[PATH_SIZE];
	struct uuid u;
};

FIXTURE_SETUP(bind)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0 bind=1"));
	ASSERT_EQ(0, parent_new("name=p1 bind=1"));
	ASSERT_TRUE(parent_type("p0", 0, self->type));
	self->u = uuid_new();
}

FIXTURE_TEARDOWN(bind)
{
	parents_del_all();
}

static int driver_file(const char *driver, const char *file, const char *uuid)
{
	return file_puts(path_of("/sys/bus/mdev/drivers/mdev_test_%s/%s", driver, file), uuid);
}

/* K71 */
TEST_F(bind, again_through_sysfs)
{
	unsigned int i;

	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, driver_file("p0", "unbind", self->u.s));
		EXPECT_FALSE(file_exists(mdev_file(self->u.s, "driver")));
		EXPECT_EQ(0, parent_get("p0", "used"));
		/* it is an instance still */
		EXPECT_EQ(3, mdev_available(self->type));
		/* only the driver of its parent can have it */
		EXPECT_EQ(-ENODEV, driver_file("p1", "bind", self->u.s));
		EXPECT_EQ(0, driver_file("p0", "bind", self->u.s));
		EXPECT_TRUE(file_exists(mdev_file(self->u.s, "driver")));
		EXPECT_EQ(1, parent_get("p0", "used"));
	}
	EXPECT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(4, mdev_available(self->type));
}

TEST_F(bind, an_unbound_mdev_can_be_removed)
{
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, driver_file("p0", "unbind", self->u.s));
	EXPECT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(4, mdev_available(self->type));
	EXPECT_EQ(1, parent_get("p0", "removes"));
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ASSERT_EQ(0, driver_file("p0", "unbind", self->u.s));
	EXPECT_EQ(0, parent_del("p0"));
	EXPECT_EQ(0, mdev_count());
}

static void bind_and_create(unsigned int who, void *arg)
{
	struct race *r = arg;
	int i;

	if (who == 0) {
		r->ret[0] = mdev_create(r->type, r->uuid);
		return;
	}
	for (i = 0; i < 200 && !mdev_exists(r->uuid); i++)
		msleep(2);
	r->ret[1] = driver_file("p0", "bind", r->uuid);
}

/* the write to create gets the error of the probe: nobody else may bind the mdev before */
TEST_F(bind, not_during_create)
{
	struct race r = { .type = self->type, .uuid = self->u.s };

	ASSERT_EQ(0, parent_set("p0", "probe_delay", 400));
	ASSERT_EQ(0, parent_set("p0", "probe_error", EIO));
	crowd_run(2, bind_and_create, &r);
	EXPECT_EQ(-EIO, r.ret[0]);
	EXPECT_EQ(-ENODEV, r.ret[1]);
	EXPECT_EQ(0, mdev_count());
}

struct listener {
	const char *type, *uuid, *event;
	int fd, ret, heard, link, driver;
};

static void listen_and_create(unsigned int who, void *arg)
{
	struct listener *l = arg;

	if (who == 0) {
		l->ret = mdev_create(l->type, l->uuid);
		return;
	}
	l->heard = uevent_wait(l->fd, l->uuid, l->event, 5000);
	l->link = file_exists(mdev_file(l->uuid, "mdev_type/name"));
	l->driver = file_exists(path_of("%s/devices/%s", l->type, l->uuid));
}

/* K73 */
TEST_F(bind, links_exist_when_user_space_hears_of_the_mdev)
{
	static const char * const events[] = { "ACTION=add", "ACTION=bind" };
	unsigned int i;

	/* the stock core adds the links after the probe */
	ASSERT_EQ(0, parent_set("p0", "probe_delay", 400));
	for (i = 0; i < 2; i++) {
		struct listener l = {
			.type = self->type, .uuid = self->u.s, .event = events[i],
			.fd = uevent_open(),
		};

		ASSERT_LE(0, l.fd);
		crowd_run(2, listen_and_create, &l);
		close(l.fd);
		EXPECT_EQ(0, l.ret);
		EXPECT_EQ(0, l.heard);
		EXPECT_EQ(1, l.link);
		EXPECT_EQ(1, l.driver);
		EXPECT_EQ(0, mdev_remove(self->u.s));
	}
}

/* and a create that fails says that the mdev is gone */
TEST_F(bind, events_of_a_failed_create)
{
	int fd = uevent_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, parent_set("p0", "probe_error", EIO));
	EXPECT_EQ(-EIO, mdev_create(self->type, self->u.s));
	EXPECT_EQ(0, uevent_wait(fd, self->u.s, "ACTION=add", 5000));
	EXPECT_EQ(0, uevent_wait(fd, self->u.s, "ACTION=remove", 5000));
	close(fd);
}

/* A container whose last group goes while a thread is in its ioctl: a fault of vfio.ko */
FIXTURE(container)
{
	struct vfio_user vfio;
	struct uuid u;
};

FIXTURE_SETUP(container)
{
	const char *vfio = getenv("MDEV_TEST_VFIO");
	char type[PATH_SIZE];
	int ret = sample_ready("mdpy");

	self->vfio = (struct vfio_user){ -1, -1, -1 };
	if (vfio && !strcmp(vfio, "stock"))
		SKIP(return, "vfio.ko is the kernel's own, which uses freed memory here (K84)");
	if (ret)
		SKIP(return, "mdpy.ko: %s", strerror(-ret));
	ASSERT_TRUE(type_path("mdpy", "mdpy-vga", type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(type, self->u.s));
	ret = vfio_open_mdev(self->u.s, &self->vfio);
	if (ret) {
		mdev_remove_all();
		ASSERT_EQ(-ENOENT, ret);
		SKIP(return, "no /dev/vfio groups in this kernel");
	}
	close(self->vfio.device);
	self->vfio.device = -1;
}

FIXTURE_TEARDOWN(container)
{
	window_close();
	vfio_close_mdev(&self->vfio);
	mdev_remove_all();
}

struct leave {
	struct vfio_user *user;
	const char *uuid;	/* of the mdev to remove; NULL: the user detaches the group */
	int asked, left;
	long long took;
};

static void ask_and_leave(unsigned int who, void *arg)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	struct leave *l = arg;
	cpu_set_t cpu;

	/* the task that is held keeps its processor; the first one may be that of the clock */
	CPU_ZERO(&cpu);
	CPU_SET(!who, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	if (who == 0) {
		thread_name("asks");
		l->asked = ioctl(l->user->container, VFIO_IOMMU_GET_INFO, &info) ? -errno : 0;
		return;
	}
	msleep(200);
	l->took = now_ms();
	if (l->uuid)
		l->left = mdev_remove(l->uuid);
	else
		l->left = ioctl(l->user->group, VFIO_GROUP_UNSET_CONTAINER) ? -errno : 0;
	l->took = now_ms() - l->took;
}

/* The ioctl ends before the data of the IOMMU driver are freed */
static void leave_while_asked(struct __test_metadata *_metadata, struct vfio_user *user,
			      const char *uuid)
{
	struct leave l = { .user = user, .uuid = uuid };
	const char *why = window_open("vfio_iommu_type1_ioctl", "asks", 800, 0);

	if (why)
		SKIP(return, "%s", why);
	crowd_run(2, ask_and_leave, &l);
	EXPECT_LT(0, window_hits());
	EXPECT_EQ(0, l.asked);
	EXPECT_EQ(0, l.left);
	EXPECT_LE(300, l.took);
}

TEST_F(container, its_last_mdev_is_removed)
{
	leave_while_asked(_metadata, &self->vfio, self->u.s);
}

TEST_F(container, its_user_detaches_the_group)
{
	leave_while_asked(_metadata, &self->vfio, NULL);
}

TEST_HARNESS_MAIN
