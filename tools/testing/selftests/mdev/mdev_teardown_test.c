// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remove and unregister against create, against reads, and with a device open
 */
#include <fcntl.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define ROUNDS	200

/* Create, remove and reads while the mdev or its parent goes away */

FIXTURE(end)
{
	char type[PATH_SIZE];
};

FIXTURE_SETUP(end)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	parent_type("p0", 0, self->type);
}

FIXTURE_TEARDOWN(end)
{
	parents_del_all();
}

struct doomed {
	const char *type;
	const char *uuid;
	struct rounds rounds;
	unsigned int delay;
	int ret[4];
	int strange, created, refused;
	bool stop;
	long long took;
};

static void slow_create(unsigned int who, void *arg)
{
	struct doomed *d = arg;
	int i;

	if (who == 0) {
		d->ret[0] = mdev_create(d->type, d->uuid);
		return;
	}
	for (i = 0; i < 200 && !file_exists(mdev_file(d->uuid, "remove")); i++)
		msleep(5);
	/* the driver's probe is running now */
	msleep(20);
	d->ret[1] = mdev_remove(d->uuid);
	d->ret[2] = file_exists(mdev_file(d->uuid, "remove"));
	d->ret[3] = mdev_create(d->type, d->uuid);
}

/* EAGAIN: an mdev that could not be removed during probe can be removed afterwards */
TEST_F(end, remove_during_create)
{
	struct uuid u = uuid_new();
	struct doomed d = { .type = self->type, .uuid = u.s };

	ASSERT_EQ(0, parent_new("name=p0 max=2"));
	ASSERT_EQ(0, parent_set("p0", "probe_delay", 400));
	crowd_run(2, slow_create, &d);
	EXPECT_EQ(0, d.ret[0]);
	EXPECT_EQ(-EAGAIN, d.ret[1]);
	EXPECT_EQ(1, d.ret[2]);
	EXPECT_EQ(-EEXIST, d.ret[3]);
	EXPECT_EQ(1, mdev_available(self->type));
	EXPECT_EQ(0, mdev_remove(u.s));
	EXPECT_FALSE(mdev_exists(u.s));
	EXPECT_EQ(2, mdev_available(self->type));
	EXPECT_EQ(1, parent_get("p0", "removes"));
}

static void slow_remove(unsigned int who, void *arg)
{
	struct doomed *d = arg;

	if (who == 0) {
		d->ret[0] = mdev_remove(d->uuid);
		d->ret[1] = mdev_create(d->type, d->uuid);
		return;
	}
	msleep(100);
	d->ret[2] = mdev_create(d->type, d->uuid);
}

/* the UUID is in use until the driver's remove has returned, and free after the write */
TEST_F(end, create_during_remove)
{
	struct uuid u = uuid_new();
	struct doomed d = { .type = self->type, .uuid = u.s };

	ASSERT_EQ(0, parent_new("name=p0 max=2"));
	ASSERT_EQ(0, mdev_create(self->type, u.s));
	ASSERT_EQ(0, parent_set("p0", "remove_delay", 300));
	crowd_run(2, slow_remove, &d);
	EXPECT_EQ(0, d.ret[0]);
	EXPECT_EQ(-EEXIST, d.ret[2]);
	EXPECT_EQ(0, d.ret[1]);
	EXPECT_EQ(1, mdev_available(self->type));
}

static void remove_and_look(unsigned int who, void *arg)
{
	struct doomed *d = arg;
	char remove[PATH_SIZE];
	int fd;

	if (who == 0) {
		msleep(50);
		d->ret[0] = mdev_remove(d->uuid);
		return;
	}
	snprintf(remove, sizeof(remove), "%s", mdev_file(d->uuid, "remove"));
	fd = open(remove, O_WRONLY);
	msleep(400);
	d->ret[1] = write(fd, "1", 1) < 0 ? -errno : 0;
	d->ret[2] = mdev_exists(d->uuid) || file_exists(path_of("%s/devices/%s", d->type, d->uuid));
	d->ret[3] = file_exists(path_of(TEST_BUS "/devices/p0/%s", d->uuid));
	d->created = mdev_create(d->type, d->uuid);
	close(fd);
}

/* Documentation/ABI: a remove that waits, and a second writer of remove */
TEST_F(end, remove_that_waits)
{
	struct uuid u = uuid_new();
	struct doomed d = { .type = self->type, .uuid = u.s };

	ASSERT_EQ(0, parent_new("name=p0 max=2"));
	ASSERT_EQ(0, mdev_create(self->type, u.s));
	ASSERT_EQ(0, parent_set("p0", "remove_delay", 1500));
	crowd_run(2, remove_and_look, &d);
	EXPECT_EQ(0, d.ret[0]);
	EXPECT_EQ(-ENODEV, d.ret[1]);
	EXPECT_EQ(0, d.ret[2]);
	EXPECT_EQ(1, d.ret[3]);
	EXPECT_EQ(-EEXIST, d.created);
	EXPECT_EQ(1, parent_get("p0", "removes"));
}

static void remover(unsigned int who, void *arg)
{
	struct doomed *d = arg;

	d->ret[who] = mdev_remove(d->uuid);
}

TEST_F(end, concurrent_removes)
{
	struct rounds rounds = rounds_scaled(ROUNDS / 2);
	unsigned int i, j;

	ASSERT_EQ(0, parent_new("name=p0 max=1"));
	for (i = 0; rounds_next(&rounds); i++) {
		struct uuid u = uuid_new();
		struct doomed d = { .uuid = u.s };

		ASSERT_EQ(0, mdev_create(self->type, u.s));
		crowd_run(4, remover, &d);
		/* a write succeeds, or fails with ENODEV or ENOENT; remove runs once */
		for (j = 0; j < 4; j++)
			EXPECT_TRUE(d.ret[j] == 0 || d.ret[j] == -ENODEV || d.ret[j] == -ENOENT);
		EXPECT_FALSE(mdev_exists(u.s));
		EXPECT_EQ(1, mdev_available(self->type));
		EXPECT_EQ((int)i + 1, parent_get("p0", "removes"));
	}
	rounds_end(_metadata, &rounds);
}

static void during_unregister(unsigned int who, void *arg)
{
	struct doomed *d = arg;
	char create[PATH_SIZE + 16], remove[PATH_SIZE];
	int fd;

	if (who == 0) {
		d->ret[0] = parent_del("p0");
		return;
	}
	/* open it first: the folders disappear during the unregistration */
	snprintf(create, sizeof(create), "%s/create", d->type);
	snprintf(remove, sizeof(remove), "%s", mdev_file(d->uuid, "remove"));
	fd = open(create, O_WRONLY);
	msleep(100);
	d->ret[1] = write(fd, uuid_new().s, UUID_LEN) < 0 ? -errno : 0;
	close(fd);
	d->took = now_ms();
	d->ret[2] = file_puts(remove, "1");
	d->took = now_ms() - d->took;
	d->ret[3] = file_exists(remove);
}

/* the driver's remove of the first mdev is running, the second one is still there */
TEST_F(end, unregister_refuses)
{
	struct uuid first = uuid_new(), second = uuid_new();
	struct doomed d = { .type = self->type, .uuid = second.s };

	ASSERT_EQ(0, parent_new("name=p0 max=4"));
	ASSERT_EQ(0, mdev_create(self->type, first.s));
	ASSERT_EQ(0, mdev_create(self->type, second.s));
	/* long enough for the other thread on a busy host */
	ASSERT_EQ(0, parent_set("p0", "remove_delay", 1500));
	crowd_run(2, during_unregister, &d);
	EXPECT_EQ(0, d.ret[0]);
	EXPECT_EQ(-ENODEV, d.ret[1]);
	EXPECT_EQ(-ENODEV, d.ret[2]);
	EXPECT_GT(1000, d.took);
	EXPECT_EQ(1, d.ret[3]);
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(0, dir_count(TEST_BUS "/devices"));
}

static bool end_of_parent(int err)
{
	return err == -ENODEV || err == -ENOENT;
}

static void doomed_churner(unsigned int who, void *arg)
{
	struct doomed *d = arg;
	struct uuid u = uuid_new();

	if (who == 0) {
		msleep(d->delay);
		d->ret[0] = parent_del("p0");
		return;
	}
	for (;;) {
		int ret = mdev_create(d->type, u.s);

		if (end_of_parent(ret))
			return;
		if (ret == -EUSERS) {
			__atomic_add_fetch(&d->refused, 1, __ATOMIC_RELAXED);
			continue;
		}
		if (ret) {
			d->strange = ret;
			return;
		}
		__atomic_add_fetch(&d->created, 1, __ATOMIC_RELAXED);
		ret = mdev_remove(u.s);
		if (end_of_parent(ret))
			return;
		if (ret) {
			d->strange = ret;
			return;
		}
	}
}

/* K37: the parent is unregistered during loops of create and remove */
TEST_F_TIMEOUT(end, create_and_remove_against_unregister, 240)
{
	struct rounds rounds = rounds_scaled(60);
	int created = 0, refused = 0;
	unsigned int i;

	for (i = 0; rounds_next(&rounds); i++) {
		struct doomed d = { .type = self->type, .delay = i % 12 };

		ASSERT_EQ(0, parent_new("name=p0 max=4 types=2"));
		crowd_run(7, doomed_churner, &d);
		ASSERT_EQ(0, d.ret[0]);
		EXPECT_EQ(0, d.strange);
		ASSERT_EQ(0, mdev_count());
		ASSERT_EQ(0, dir_count(TEST_BUS "/devices"));
		created += d.created;
		refused += d.refused;
	}
	say("@unregister rounds=%u created=%d refused=%d", rounds.done, created, refused);
	rounds_end(_metadata, &rounds);
}

static void doomed_reader(unsigned int who, void *arg)
{
	static const char * const files[] = { "name", "device_api", "available_instances",
					      "description" };
	static const char * const want[] = { "Test type 0\n", "vfio-pci\n", "4\n",
					     "type t0 of a test parent\n" };
	struct doomed *d = arg;
	int i = who % 4;

	if (who == 0) {
		unsigned int round;

		for (round = 0; rounds_next(&d->rounds); round++) {
			d->ret[0] |= parent_new("name=p0 types=2 desc=1");
			msleep(round % 4);
			d->ret[0] |= parent_del("p0");
		}
		__atomic_store_n(&d->stop, true, __ATOMIC_RELAXED);
		return;
	}
	while (!__atomic_load_n(&d->stop, __ATOMIC_RELAXED)) {
		char text[4096];
		ssize_t n = file_read(path_of("%s/%s", d->type, files[i]), text, sizeof(text));

		if (n >= 0 && strcmp(text, want[i]))
			d->strange = 1;
		else if (n < 0 && !end_of_parent(n))
			d->strange = n;
		else if (n >= 0)
			__atomic_add_fetch(&d->created, 1, __ATOMIC_RELAXED);
	}
}

TEST_F_TIMEOUT(end, reads_against_unregister, 240)
{
	struct doomed d = { .type = self->type, .rounds = rounds_scaled(150) };

	crowd_run(5, doomed_reader, &d);
	EXPECT_EQ(0, d.ret[0]);
	EXPECT_EQ(0, d.strange);
	EXPECT_LT(0, d.created);
	say("@reads rounds=%u reads=%d", d.rounds.done, d.created);
	rounds_end(_metadata, &d.rounds);
}

struct pair {
	struct uuid uuid[2];
	int bad[2];
};

static void register_and_unregister(unsigned int who, void *arg)
{
	struct pair *p = arg;
	char name[16], type[PATH_SIZE];
	int bad;

	snprintf(name, sizeof(name), "pair%u", who);
	bad = !!parent_new("name=%s types=3", name);
	bad |= !file_exists(path_of(MDEV_CLASS "/%s", name)) << 1;
	bad |= !parent_type(name, 2, type) << 2;
	bad |= (mdev_available(type) != 4) << 3;
	bad |= !!mdev_create(type, p->uuid[who].s) << 4;
	bad |= (mdev_available(type) != 3) << 5;
	bad |= !!parent_del(name) << 6;
	p->bad[who] |= bad;
}

/* K36: two parents, each with its driver, are registered and unregistered at the same time */
TEST_F_TIMEOUT(end, two_parents_at_once, 240)
{
	struct pair p = { .uuid = { uuid_new(), uuid_new() } };
	struct rounds rounds = rounds_scaled(100);

	crowd_rounds(2, &rounds, NULL, register_and_unregister, NULL, &p);
	rounds_end(_metadata, &rounds);
	EXPECT_EQ(0, p.bad[0]);
	EXPECT_EQ(0, p.bad[1]);
	EXPECT_EQ(0, mdev_count());
	EXPECT_EQ(0, dir_count(TEST_BUS "/devices"));
}

/* With the device open */

FIXTURE(user)
{
	char type[PATH_SIZE];
	struct vfio_user vfio;
	struct uuid u;
};

FIXTURE_VARIANT(user)
{
	const char *module;
	const char *id;
	int limit;
};

FIXTURE_VARIANT_ADD(user, mtty) { .module = "mtty", .id = "mtty-1", .limit = 24 };
FIXTURE_VARIANT_ADD(user, mdpy) { .module = "mdpy", .id = "mdpy-vga", .limit = 4 };
FIXTURE_VARIANT_ADD(user, mbochs) { .module = "mbochs", .id = "mbochs-small", .limit = 64 };
FIXTURE_VARIANT_ADD(user, rust) { .module = "rust_mdev", .id = "faux_driver-2m", .limit = 8 };
FIXTURE_VARIANT_ADD(user, rust_managed) {
	.module = "rust_managed", .id = "faux_driver-one", .limit = 8,
};

FIXTURE_SETUP(user)
{
	int ret = sample_ready(variant->module);

	self->vfio = (struct vfio_user){ -1, -1, -1 };
	if (ret)
		SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	ASSERT_TRUE(type_path(variant->module, variant->id, self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ret = vfio_open_mdev(self->u.s, &self->vfio);
	if (ret) {
		mdev_remove_all();
		ASSERT_EQ(-ENOENT, ret);
		SKIP(return, "no /dev/vfio groups in this kernel");
	}
}

FIXTURE_TEARDOWN(user)
{
	vfio_close_mdev(&self->vfio);
	mdev_remove_all();
}

struct holder {
	const char *uuid, *type;
	struct vfio_user *vfio;
	long long removed, closed;
	int ret, left, again;
};

static void hold_and_remove(unsigned int who, void *arg)
{
	struct holder *h = arg;

	if (who == 0) {
		h->ret = mdev_remove(h->uuid);
		h->removed = now_ms();
		return;
	}
	msleep(400);
	/* the device is still open: instance and UUID are in use */
	h->left = mdev_available(h->type);
	h->again = mdev_create(h->type, h->uuid);
	h->closed = now_ms();
	vfio_close_mdev(h->vfio);
}

TEST_F(user, remove_waits_for_the_user)
{
	struct holder h = { .uuid = self->u.s, .type = self->type, .vfio = &self->vfio };

	crowd_run(2, hold_and_remove, &h);
	EXPECT_EQ(0, h.ret);
	EXPECT_LE(h.closed, h.removed);
	EXPECT_EQ(-EEXIST, h.again);
	EXPECT_EQ(variant->limit - 1, h.left);
	EXPECT_FALSE(mdev_exists(self->u.s));
	EXPECT_EQ(variant->limit, mdev_available(self->type));
	EXPECT_EQ(0, mdev_create(self->type, self->u.s));
}

TEST_F(user, open_and_close_change_nothing)
{
	struct rounds rounds = rounds_scaled(20);

	EXPECT_EQ(variant->limit - 1, mdev_available(self->type));
	while (rounds_next(&rounds)) {
		vfio_close_mdev(&self->vfio);
		ASSERT_EQ(0, vfio_open_mdev(self->u.s, &self->vfio));
	}
	rounds_end(_metadata, &rounds);
	vfio_close_mdev(&self->vfio);
	EXPECT_EQ(variant->limit - 1, mdev_available(self->type));
	EXPECT_EQ(0, mdev_remove(self->u.s));
	EXPECT_EQ(variant->limit, mdev_available(self->type));
}

TEST_HARNESS_MAIN
