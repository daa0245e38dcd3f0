// SPDX-License-Identifier: GPL-2.0-only
/*
 * K66: mdevs that are used through /dev/vfio/devices, and slots that come back with remove
 *
 * A file of /dev/vfio/devices that is being closed lets the driver's remove go on in its release
 * function, and holds a reference on the vfio device until the kernel drops the character device.
 * A driver that counts in the release callback of its vfio device, as mbochs does, counts then.
 */
#include "mdev_harness.h"
#include "mdev_lib.h"

#define CLOSE_HELD_MS	600

FIXTURE(cdev)
{
	char type[PATH_SIZE];
	struct uuid u;
	struct cdev_user user;
};

FIXTURE_SETUP(cdev)
{
	char path[PATH_SIZE];
	int ret = sample_ready("mbochs"), left;

	self->user = (struct cdev_user){ -1, -1 };
	if (ret)
		SKIP(return, "mbochs.ko: %s", strerror(-ret));
	if (core_kind() == CORE_OURS && drivers_kind() != DRIVERS_MIGRATED)
		SKIP(return, "the samples are the stock ones, without mdev_charge_get()");
	ASSERT_TRUE(type_path("mbochs", "mbochs-large", self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	if (cdev_path(self->u.s, path, sizeof(path))) {
		mdev_remove_all();
		SKIP(return, "no /dev/vfio/devices in this kernel");
	}
	/* the mdev of the test has the last slot */
	for (left = mdev_available(self->type); left > 0; left--)
		ASSERT_EQ(0, mdev_create(self->type, uuid_new().s));
	ASSERT_EQ(0, mdev_available(self->type));
}

FIXTURE_TEARDOWN(cdev)
{
	window_close();
	cdev_close(&self->user);
	mdev_remove_all();
}

struct end {
	const char *type, *uuid;
	struct cdev_user *user;
	unsigned int wait;
	int ret, available, created;
	long long took;
};

static void remove_and_close(unsigned int who, void *arg)
{
	struct end *e = arg;

	if (who) {
		thread_name("closes");
		msleep(e->wait);
		cdev_close(e->user);
		return;
	}
	e->took = now_ms();
	e->ret = mdev_remove(e->uuid);
	e->took = now_ms() - e->took;
	/* at once: the file may be being closed still */
	e->available = mdev_available(e->type);
	e->created = mdev_create(e->type, e->uuid);
}

TEST_F(cdev, slot_comes_back_with_remove)
{
	struct end e = {
		.type = self->type, .uuid = self->u.s, .user = &self->user, .wait = 300,
	};
	const char *why;

	ASSERT_EQ(0, cdev_open(self->u.s, &self->user));
	/* where the release function of the file ends, before the last reference is put */
	why = window_open("vfio_device_fops_release:", "closes", CLOSE_HELD_MS, 0);
	if (why)
		SKIP(return, "%s", why);
	crowd_run(2, remove_and_close, &e);
	EXPECT_EQ(0, e.ret);
	EXPECT_LT(0, window_hits());
	window_close();
	say("@cdev remove took=%lld ms", e.took);
	/* what is shown is admitted, and the driver has room */
	EXPECT_EQ(1, e.available);
	EXPECT_EQ(0, e.created);
}

TEST_F(cdev, remove_against_close)
{
	struct end e = { .type = self->type, .uuid = self->u.s, .user = &self->user };
	struct rounds rounds = rounds_scaled(200);

	while (rounds_next(&rounds)) {
		ASSERT_EQ(0, cdev_open(self->u.s, &self->user));
		e.wait = rounds.done % 3;
		crowd_run(2, remove_and_close, &e);
		ASSERT_EQ(0, e.ret);
		ASSERT_EQ(1, e.available);
		ASSERT_EQ(0, e.created);
	}
	rounds_end(_metadata, &rounds);
}

TEST_HARNESS_MAIN
