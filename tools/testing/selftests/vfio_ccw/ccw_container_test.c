// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many devices in one container: all start programs on memory that is unmapped and mapped again
 *
 * The VM has 24 subchannels with devices 0.0.5000 to 0.0.5017 for these tests, see run_ccw.sh.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../mdev/mdev_harness.h"
#include "ccw_lib.h"

#define MOST 24
/* A device and the thread that uses it */
struct user {
	struct ccw c;
	char sch[NAME], uuid[NAME];
	pthread_t thread;
	atomic_bool *stop;
	unsigned long starts, again;
	int error;		/* the first error of a start that none of these tests expects */
};

FIXTURE(container)
{
	struct user user[MOST];
	unsigned int users;
	atomic_bool stop;
	int rounds;
};

FIXTURE_VARIANT(container)
{
	unsigned int users;
};

FIXTURE_VARIANT_ADD(container, twelve) { .users = 12 };
FIXTURE_VARIANT_ADD(container, twenty_four) { .users = 24 };

static void user_name(struct user *u, unsigned int n, char devno[NAME])
{
	snprintf(devno, NAME, "0.0.%x", 0x5000 + n);
	snprintf(u->uuid, NAME, "5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e%04x", 0x5000 + n);
}

/* SENSE ID, then a suspended SENSE ID, with their data at addr */
static void put_program(struct ccw *c, unsigned int offset, unsigned int addr)
{
	ccw_put(c, offset, CMD_SENSE_ID, F_SLI | F_CC, 7, addr);
	ccw_put(c, offset + 8, CMD_SENSE_ID, F_SLI | F_SUSPEND, 7, addr);
}

FIXTURE_SETUP(container)
{
	char devno[NAME];

	self->rounds = ccw_rounds();
	for (unsigned int n = 0; n < variant->users; n++) {
		struct user *u = &self->user[n];

		user_name(u, n, devno);
		ASSERT_EQ(sch_find(devno, u->sch), 0) {
			TH_LOG("no subchannel has the device %s", devno);
		}
		ASSERT_EQ(sch_bind(u->sch), 0);
		ASSERT_EQ(mdev_create(u->sch, u->uuid), 0);
		ASSERT_EQ(n ? ccw_open_beside(&u->c, &self->user[0].c, u->uuid) :
			      ccw_open(&u->c, u->uuid), 0);
		u->stop = &self->stop;
		self->users++;
	}
	put_program(&self->user[0].c, PROG, IOVA + DATA);
}

FIXTURE_TEARDOWN(container)
{
	for (unsigned int n = MOST - 1; n; n--)
		if (self->user[n].c.mem)
			ccw_close_beside(&self->user[n].c);
	ccw_close(&self->user[0].c);
	for (unsigned int n = 0; n < MOST; n++)
		if (mdev_there(self->user[n].uuid))
			mdev_remove(self->user[n].uuid);
}

/*
 * Start the program over and over. -EBUSY: the last one still runs. -EINVAL: its memory is not
 * mapped. -EAGAIN: it is being unmapped.
 */
static void *user_run(void *arg)
{
	struct user *u = arg;
	int ret;

	while (!*u->stop) {
		ret = ccw_start(&u->c, ORB | ORB_SUSPEND, IOVA + PROG, FCTL_START);
		if (!ret)
			u->starts++;
		else if (ret != -EAGAIN && ret != -EBUSY && ret != -EINVAL && !u->error)
			u->error = ret;
		u->again += ret == -EAGAIN;
		/* two dozen threads that spin would keep the unmap from a processor */
		if (ret)
			usleep(100);
	}
	return NULL;
}

/* All users start one program while its memory is unmapped and mapped again. */
TEST_F_TIMEOUT(container, unmap_x_start, MANY)
{
	struct ccw *first = &self->user[0].c;
	unsigned long starts = 0, again = 0;
	double begin, longest = 0;
	struct rounds rounds;

	for (unsigned int n = 0; n < self->users; n++)
		pthread_create(&self->user[n].thread, NULL, user_run, &self->user[n]);
	rounds = rounds_start(self->rounds * 10, getenv("seconds"));
	while (rounds_next(&rounds)) {
		begin = now();
		ASSERT_EQ(ccw_unmap(first, IOVA, MEM), 0);
		if (now() - begin > longest)
			longest = now() - begin;
		ASSERT_EQ(ccw_map(first, IOVA, first->mem, MEM), 0);
		ms(2);
	}
	rounds_end(_metadata, &rounds);
	self->stop = true;
	for (unsigned int n = 0; n < self->users; n++) {
		pthread_join(self->user[n].thread, NULL);
		starts += self->user[n].starts;
		again += self->user[n].again;
		EXPECT_EQ(self->user[n].error, 0);
	}
	TH_LOG("%u unmaps, the longest took %.0f ms; %lu starts, %lu times -EAGAIN", rounds.done,
	       longest * 1000, starts, again);
	ASSERT_GT(starts, 0);
	for (unsigned int n = 0; n < self->users; n++) {
		ASSERT_EQ(ccw_reset(&self->user[n].c), 0);
		ASSERT_EQ(ccw_start_soon(&self->user[n].c, ORB | ORB_SUSPEND, IOVA + PROG,
					 FCTL_START), 0);
	}
}

/* A thread that sleeps for a millisecond over and over, and the longest delay that it met */
struct sleeper {
	atomic_bool *stop;
	double late;		/* seconds that it slept too long at most */
};

/* One device; four threads keep the processors busy */
FIXTURE(busy)
{
	struct ccw c;
	char sch[NAME];
	uint64_t iova;		/* of the memory that is unmapped */
	pthread_t thread[4], clock;
	struct sleeper sleeper;
	atomic_bool stop;
	int rounds;
};

FIXTURE_VARIANT(busy)
{
	bool other;		/* unmap other memory than that of the next program */
};

FIXTURE_VARIANT_ADD(busy, same) { .other = false };
FIXTURE_VARIANT_ADD(busy, other) { .other = true };

static void *busy_run(void *arg)
{
	atomic_bool *stop = arg;

	while (!*stop)
		;
	return NULL;
}

/* Measure how late this machine wakes a thread that sleeps for a millisecond. */
static void *clock_run(void *arg)
{
	struct sleeper *sleeper = arg;
	double begin;

	while (!*sleeper->stop) {
		begin = now();
		ms(1);
		if (now() - begin - 0.001 > sleeper->late)
			sleeper->late = now() - begin - 0.001;
	}
	return NULL;
}

FIXTURE_SETUP(busy)
{
	self->rounds = ccw_rounds();
	self->c = CCW_CLOSED;
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	self->iova = variant->other ? IOVA + MEM : IOVA;
	if (variant->other)
		ASSERT_EQ(ccw_map(&self->c, self->iova, self->c.mem, MEM), 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&self->thread[i], NULL, busy_run, &self->stop);
	self->sleeper.stop = &self->stop;
	pthread_create(&self->clock, NULL, clock_run, &self->sleeper);
}

FIXTURE_TEARDOWN(busy)
{
	self->stop = true;
	for (int i = 0; i < 4; i++)
		pthread_join(self->thread[i], NULL);
	pthread_join(self->clock, NULL);
	ccw_down(&self->c, UUID);
}

/*
 * K80: after an unmap in flight a start may fail with -EAGAIN for 100 ms at most, apart from the
 * time that the machine keeps any thread waiting.
 */
TEST_F_TIMEOUT(busy, start_after_unmap, MANY)
{
	/* with lockdep and KASAN, each step of the driver and of type1 takes 20 times as long */
	double limit = there("/proc/lockdep") ? 2 : 0.1, begin, longest = 0;
	struct rounds rounds = rounds_start(self->rounds, getenv("seconds"));
	int ret;

	put_program(&self->c, PROG, self->iova + DATA);
	put_program(&self->c, PROG + 0x100, IOVA + DATA);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(ccw_start_soon(&self->c, ORB | ORB_SUSPEND, IOVA + PROG, FCTL_START), 0);
		ASSERT_EQ(ccw_unmap(&self->c, self->iova, MEM), 0);
		if (!variant->other)
			ASSERT_EQ(ccw_map(&self->c, self->iova, self->c.mem, MEM), 0);
		begin = now();
		ret = ccw_start_soon(&self->c, ORB | ORB_SUSPEND, IOVA + PROG + 0x100, FCTL_START);
		ASSERT_EQ(ret, 0);
		if (now() - begin > longest)
			longest = now() - begin;
		ASSERT_EQ(ccw_reset(&self->c), 0);
		if (variant->other)
			ASSERT_EQ(ccw_map(&self->c, self->iova, self->c.mem, MEM), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u unmaps; a start waited %.1f ms at most, a thread that slept was %.1f ms late",
	       rounds.done, longest * 1000, self->sleeper.late * 1000);
	EXPECT_LE(longest, limit + self->sleeper.late);
}

TEST_HARNESS_MAIN
