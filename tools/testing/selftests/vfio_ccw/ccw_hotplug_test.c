// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that come and go while their subchannel is bound and unbound
 *
 * The kernel command line has virtio_ccw.no_auto=0.0.2222: a device that is unbound while
 * virtio_ccw sets it online crashes the kernel in virtio_ccw, whatever is bound next.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../mdev/mdev_harness.h"
#include "ccw_lib.h"

FIXTURE(hotplug)
{
	struct ccw c;
	char sch[NAME];
	int rounds;
};

static int unplug(void)
{
	return sh("mon device_del blk2");
}

static int plug(void)
{
	return sh("mon device_add virtio-blk-ccw,drive=d2,devno=fe.0.2222,id=blk2");
}

static bool wait_for(const char *devno, char sch[NAME], bool present)
{
	for (int i = 0; i < 5000; i++) {
		if (!sch_find(devno, sch) == present)
			return true;
		ms(2);
	}
	return false;
}

/* Whether the kernel lacks s390_late_work.cocci, without which this driver can do nothing */
static bool stock_cio_and_ours(void)
{
	return ccw_ours() && sh("grep -q ' io_subchannel_lock$' /proc/kallsyms");
}

/* Bind as a udev rule for ACTION=="add" does, which does not wait for /proc/cio_settle. */
static int bind_at_once(const char *sch)
{
	char path[512];

	snprintf(path, sizeof(path), CSS "/devices/%s/driver_override", sch);
	put(path, "vfio_ccw");
	if (!sch_driver_is(sch, ""))
		sch_unbind(sch);
	return put(CSS "/drivers/vfio_ccw/bind", sch);
}

/* sch_bind() waits until virtio_ccw has set a device online, which no_auto prevents. */
static int bind_settled(const char *sch)
{
	int ret = css_settle(60);

	return ret || sch_driver_is(sch, "vfio_ccw") ? ret : bind_at_once(sch);
}

FIXTURE_SETUP(hotplug)
{
	self->c = CCW_CLOSED;
	self->rounds = ccw_rounds();
	ASSERT_EQ(sch_find(BLK2, self->sch), 0);
	ASSERT_EQ(bind_settled(self->sch), 0);
}

FIXTURE_TEARDOWN(hotplug)
{
	ccw_down(&self->c, UUID);
	if (!sch_find(BLK2, self->sch))
		sch_release(self->sch);
}

/* Threads until stop: one binds, one creates and removes, one sets late ccw devices online */
struct work {
	atomic_bool stop;
	unsigned long binds, creates, late;
};

static void *bind_run(void *arg)
{
	struct work *w = arg;
	char sch[NAME];

	for (; !w->stop; ms(1))
		if (!sch_find(BLK2, sch) && !sch_driver_is(sch, "vfio_ccw") && !bind_at_once(sch))
			w->binds++;
	return NULL;
}

static void *create_run(void *arg)
{
	struct work *w = arg;
	char sch[NAME];

	for (; !w->stop; ms(1)) {
		if (sch_find(BLK2, sch) || mdev_create(sch, UUID))
			continue;
		w->creates++;
		mdev_remove(UUID);
	}
	return NULL;
}

/* virtio_ccw does this by itself for all devices but those of no_auto. */
static void *online_run(void *arg)
{
	struct work *w = arg;
	char sch[NAME];

	for (; !w->stop; ms(1)) {
		if (sch_find(BLK2, sch) || !sch_driver_is(sch, "vfio_ccw") ||
		    !there(CSS "/devices/%s/" BLK2, sch))
			continue;
		w->late++;
		put("/sys/bus/ccw/devices/" BLK2 "/online", "1");
	}
	return NULL;
}

/*
 * K79: work on the device that css began before the subchannel was unbound must not touch the
 * driver data of the next driver.
 */
TEST_F_TIMEOUT(hotplug, plug_x_bind_x_create, MANY)
{
	pthread_t binder, creator, online;
	struct rounds rounds;
	struct work w = {};

	pthread_create(&binder, NULL, bind_run, &w);
	pthread_create(&creator, NULL, create_run, &w);
	pthread_create(&online, NULL, online_run, &w);
	rounds = rounds_start(self->rounds, getenv("seconds"));
	/* a device takes ten seconds to come with lockdep on a busy host */
	rounds.min = 4;
	while (rounds_next(&rounds)) {
		unplug();
		ms(300);
		plug();
		ms(300);
	}
	rounds_end(_metadata, &rounds);
	w.stop = true;
	pthread_join(binder, NULL);
	pthread_join(creator, NULL);
	pthread_join(online, NULL);
	TH_LOG("%u times unplugged and plugged, %lu binds, %lu creates, %lu late ccw devices",
	       rounds.done, w.binds, w.creates, w.late);
	EXPECT_GT(w.binds, 0);

	EXPECT_EQ(css_settle(60), 0);
	unplug();
	ASSERT_TRUE(wait_for(BLK2, self->sch, false));
	/* QEMU releases the disk of a removed device after a grace period */
	for (int i = 0; i < 20 && plug(); i++)
		ms(250);
	ASSERT_TRUE(wait_for(BLK2, self->sch, true));
	ASSERT_EQ(bind_settled(self->sch), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(ccw_works(&self->c), 0);
}

/* K79: with s390_late_work.cocci, css registers no ccw device below a subchannel of vfio-ccw. */
TEST_F_TIMEOUT(hotplug, no_ccw_device_beside_vfio_ccw, MANY)
{
	struct rounds rounds = rounds_start(self->rounds / 5 + 1, getenv("seconds"));
	unsigned int late = 0;
	pthread_t binder;
	struct work w = {};

	if (stock_cio_and_ours())
		SKIP(return, "K79: the cio of this kernel is stock");
	/* css settles when the recognition of a device that was unbound ends: in half a minute */
	rounds.min = 1;
	pthread_create(&binder, NULL, bind_run, &w);
	while (rounds_next(&rounds)) {
		unplug();
		ASSERT_TRUE(wait_for(BLK2, self->sch, false));
		for (int i = 0; i < 20 && plug(); i++)
			ms(250);
		ASSERT_TRUE(wait_for(BLK2, self->sch, true));
		for (int i = 0; i < 500 && !sch_driver_is(self->sch, "vfio_ccw"); i++)
			ms(10);
		ASSERT_EQ(css_settle(60), 0);
		late += there(CSS "/devices/%s/" BLK2, self->sch);
	}
	rounds_end(_metadata, &rounds);
	w.stop = true;
	pthread_join(binder, NULL);
	TH_LOG("%u ccw devices in %u rounds", late, rounds.done);
	EXPECT_EQ(late, 0);
	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(ccw_works(&self->c), 0);
}

/* "purge" unregisters the ccw devices that are ignored. A subchannel of another driver has none. */
TEST_F(hotplug, purge_spares_other_drivers)
{
	if (stock_cio_and_ours())
		SKIP(return, "K83: the cio of this kernel is stock");
	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(put("/proc/cio_ignore", "add 0.0.2222"), 0);
	EXPECT_EQ(put("/proc/cio_ignore", "purge"), 0);
	EXPECT_EQ(css_settle(60), 0);
	EXPECT_EQ(put("/proc/cio_ignore", "free 0.0.2222"), 0);
	EXPECT_EQ(ccw_asked(&self->c, 200), 0);
	ASSERT_TRUE(sch_there(self->sch));
	EXPECT_TRUE(sch_driver_is(self->sch, "vfio_ccw"));
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_HARNESS_MAIN
