// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races: loops against each other for $rounds rounds, at most $seconds for each test; then the
 * device must work
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../mdev/mdev_harness.h"
#include "ccw_lib.h"

FIXTURE(race)
{
	struct ccw c;
	char sch[NAME];
	int rounds;
};

FIXTURE_SETUP(race)
{
	static const char *const devno[] = { BLK1, BLK2, NET };

	self->c = CCW_CLOSED;
	self->rounds = ccw_rounds();
	ASSERT_EQ(chp_vary(true), 0);
	/* virtio_ccw does not survive a path that is varied: bind all devices to vfio_ccw */
	for (unsigned int i = 0; i < sizeof(devno) / sizeof(*devno); i++) {
		if (!sch_find(devno[i], self->sch))
			ASSERT_EQ(sch_bind(self->sch), 0);
	}
	ASSERT_EQ(sch_find(BLK1, self->sch), 0);
}

FIXTURE_TEARDOWN(race)
{
	/* close first: vary waits for css, which may wait for the user of a lost subchannel */
	ccw_down(&self->c, UUID);
	chp_vary(true);
}

/* The rounds of one test: n, within $seconds if that is set */
static struct rounds rounds_of(unsigned int n)
{
	return rounds_start(n, getenv("seconds"));
}

/* A round takes seconds with lockdep under emulation: four must do */
static struct rounds slow_rounds_of(unsigned int n)
{
	struct rounds r = rounds_of(n);

	r.min = n < 4 ? n : 4;
	return r;
}

/* Threads that repeat one function until loop_stop(), which returns how often it ran */

struct loop {
	pthread_t thread;
	void (*turn)(struct loop *l);
	struct ccw *c;
	const char *sch;
	atomic_bool stop;
	unsigned long turns;
};

static void *loop_run(void *arg)
{
	struct loop *l = arg;

	while (!l->stop) {
		l->turn(l);
		l->turns++;
	}
	return NULL;
}

static struct loop *loop_start(void (*turn)(struct loop *l), struct ccw *c, const char *sch)
{
	struct loop *l = calloc(1, sizeof(*l));

	l->turn = turn;
	l->c = c;
	l->sch = sch;
	pthread_create(&l->thread, NULL, loop_run, l);
	return l;
}

static unsigned long loop_stop(struct loop *l)
{
	unsigned long turns;

	l->stop = true;
	pthread_join(l->thread, NULL);
	turns = l->turns;
	free(l);
	return turns;
}

static void turn_io(struct loop *l)
{
	struct result r;

	if (ccw_start(l->c, ORB, IOVA + PROG, FCTL_START))
		usleep(50);
	else if (ccw_wait(l->c->io, 20))
		ccw_result(l->c, &r);
}

static void turn_suspended(struct loop *l)
{
	ccw_start(l->c, ORB | ORB_SUSPEND, IOVA + PROG + 0x100, FCTL_START);
}

static void turn_reset(struct loop *l)
{
	ccw_reset(l->c);
}

static void turn_halt(struct loop *l)
{
	ccw_async(l->c, VFIO_CCW_ASYNC_CMD_HSCH);
}

static void turn_clear(struct loop *l)
{
	ccw_async(l->c, VFIO_CCW_ASYNC_CMD_CSCH);
}

static void turn_read(struct loop *l)
{
	char buf[128];
	struct result r;

	if (pread(l->c->fd, buf, sizeof(struct ccw_schib_region), 2 << 10) < 0)
		usleep(50);
	if (pread(l->c->fd, buf, sizeof(struct ccw_crw_region), 3 << 10) < 0)
		usleep(50);
	ccw_result(l->c, &r);
}

static void turn_vary(struct loop *l)
{
	(void)l;
	chp_vary(false);
	chp_vary(true);
}

static void turn_path_reports(struct loop *l)
{
	(void)l;
	crw_inject(RSC_CHP, ERC_PERRN, 0);
	crw_inject(RSC_CHP, ERC_INIT, 0);
}

static void turn_reports(struct loop *l)
{
	turn_path_reports(l);
	crw_inject(RSC_SCH, ERC_IPARM, strtol(l->sch + 4, NULL, 16));
}

static void turn_irqs(struct loop *l)
{
	int efd = eventfd(0, EFD_NONBLOCK);

	for (int i = 0; i < 3; i++)
		ccw_irq(l->c, i, efd);
	close(efd);
	for (int i = 0; i < 3; i++)
		ccw_irq(l->c, i, -1);
}

static void turn_open(struct loop *l)
{
	struct ccw c;

	/*
	 * Start no program: vfio_dma_do_unmap() rechecks the range after each notification and
	 * hits BUG_ON() if it is still pinned after eleven of them.
	 */
	ccw_open_beside(&c, l->c, UUID2);
	ccw_close_beside(&c);
}

static void prepare(struct ccw *c)
{
	ccw_put(c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	ccw_put(c, PROG + 0x100, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	ccw_put(c, PROG + 0x108, CMD_SENSE_ID, F_SLI | F_SUSPEND, 7, IOVA + DATA + 0x1000);
}

/* After a race, the subchannel is bound and works after a reset. */
static void still_works(struct __test_metadata *_metadata, struct ccw *c, const char *sch)
{
	ms(200);
	ASSERT_TRUE(sch_there(sch));
	EXPECT_TRUE(sch_driver_is(sch, "vfio_ccw"));
	ccw_irq(c, VFIO_CCW_IO_IRQ_INDEX, c->io);
	ASSERT_EQ(ccw_reset(c), 0);
	ASSERT_EQ(ccw_works(c), 0);
}

TEST_F_TIMEOUT(race, start_x_reset, MANY)
{
	struct loop *io, *susp;
	struct rounds rounds;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	io = loop_start(turn_io, &self->c, NULL);
	susp = loop_start(turn_suspended, &self->c, NULL);
	rounds = rounds_of(self->rounds * 10);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(ccw_reset(&self->c), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u resets, %lu starts, %lu suspended", rounds.done, loop_stop(io),
	       loop_stop(susp));
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, reset_x_reset, MANY)
{
	struct loop *l;
	struct rounds rounds;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	l = loop_start(turn_reset, &self->c, NULL);
	rounds = rounds_of(self->rounds * 10);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(ccw_reset(&self->c), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%lu resets against %u", loop_stop(l), rounds.done);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, hammer, MANY)
{
	static void (*const turn[])(struct loop *l) = {
		turn_io, turn_suspended, turn_reset, turn_halt, turn_clear, turn_read, turn_irqs,
	};
	struct loop *l[7];
	struct rounds rounds;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	for (int i = 0; i < 7; i++)
		l[i] = loop_start(turn[i], &self->c, self->sch);
	rounds = rounds_of(self->rounds);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
		ASSERT_EQ(ccw_map(&self->c, IOVA, self->c.mem, MEM), 0);
		ms(2);
	}
	rounds_end(_metadata, &rounds);
	for (int i = 0; i < 7; i++)
		loop_stop(l[i]);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, open_x_reports, MANY)
{
	struct loop *l;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	l = loop_start(turn_reports, &self->c, self->sch);
	rounds = rounds_of(self->rounds);
	for (int i = 0; rounds_next(&rounds); i++) {
		ccw_close_fd(&self->c);
		ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
		if (i & 1)
			ccw_start_suspended(&self->c);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u opens, %lu times three reports", rounds.done, loop_stop(l));
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, create_x_reports, MANY)
{
	struct loop *l, *v;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	l = loop_start(turn_reports, NULL, self->sch);
	v = loop_start(turn_vary, NULL, NULL);
	rounds = rounds_of(self->rounds * 4);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(mdev_remove(UUID), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u creates, %lu times three reports, %lu varies", rounds.done,
	       loop_stop(l), loop_stop(v));
	EXPECT_EQ(css_settle(60), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

/* The stock driver handles path reports without a reference and crashes within seconds. */
TEST_F_TIMEOUT(race, create_x_path_reports, MANY)
{
	struct loop *l;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	l = loop_start(turn_path_reports, NULL, self->sch);
	rounds = rounds_of(self->rounds * 8);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(mdev_remove(UUID), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u creates, %lu times two reports", rounds.done, loop_stop(l));
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, create_open_x_reports, MANY)
{
	struct loop *l;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	l = loop_start(turn_path_reports, NULL, self->sch);
	rounds = rounds_of(self->rounds);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(ccw_open(&self->c, UUID), 0);
		/* a path that goes offline ends the program on it, with an interrupt */
		ASSERT_NE(ccw_works(&self->c), -ETIMEDOUT);
		ccw_close(&self->c);
		ASSERT_EQ(mdev_remove(UUID), 0);
	}
	rounds_end(_metadata, &rounds);
	loop_stop(l);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, create_x_vary, MANY)
{
	struct loop *v = loop_start(turn_vary, NULL, NULL);
	struct rounds rounds = rounds_of(self->rounds);

	while (rounds_next(&rounds)) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(mdev_remove(UUID), 0);
	}
	rounds_end(_metadata, &rounds);
	loop_stop(v);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, bind_x_reports, MANY)
{
	struct loop *l, *v;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	l = loop_start(turn_reports, NULL, self->sch);
	v = loop_start(turn_vary, NULL, NULL);
	rounds = rounds_of(self->rounds * 2);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(sch_unbind(self->sch), 0);
		/* not sch_bind(): css never settles during these reports */
		ASSERT_EQ(put(CSS "/drivers/vfio_ccw/bind", self->sch), 0);
	}
	rounds_end(_metadata, &rounds);
	TH_LOG("%u binds, %lu times three reports, %lu varies", rounds.done,
	       loop_stop(l), loop_stop(v));
	EXPECT_EQ(css_settle(60), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, unbind_x_io, MANY)
{
	struct rounds rounds = slow_rounds_of(self->rounds / 10 + 1);

	for (int i = 0; rounds_next(&rounds); i++) {
		struct loop *io, *susp;
		pid_t pid;

		ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
		prepare(&self->c);
		io = loop_start(turn_io, &self->c, NULL);
		susp = loop_start(i & 1 ? turn_suspended : turn_reset, &self->c, NULL);
		pid = i & 2 ? sch_unbind_elsewhere(self->sch) : mdev_remove_elsewhere(UUID);
		ASSERT_EQ(ccw_asked(&self->c, 20000), 1);
		loop_stop(io);
		loop_stop(susp);
		ccw_close(&self->c);
		ASSERT_EQ(ended(pid, 20000), 0);
	}
	rounds_end(_metadata, &rounds);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, read_x_reports, MANY)
{
	struct loop *l, *v, *r;
	struct rounds rounds;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	v = loop_start(turn_vary, NULL, NULL);
	r = loop_start(turn_read, &self->c, NULL);
	l = crw_ready() ? NULL : loop_start(turn_path_reports, NULL, NULL);
	rounds = rounds_of(self->rounds * 10);
	while (rounds_next(&rounds))
		turn_read(&(struct loop) { .c = &self->c });
	rounds_end(_metadata, &rounds);
	loop_stop(v);
	loop_stop(r);
	if (l)
		loop_stop(l);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, interrupts_x_set_irqs, MANY)
{
	struct loop *l, *io;
	struct rounds rounds;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	io = loop_start(turn_io, &self->c, NULL);
	l = crw_ready() ? NULL : loop_start(turn_path_reports, NULL, NULL);
	rounds = rounds_of(self->rounds * 10);
	while (rounds_next(&rounds))
		turn_irqs(&(struct loop) { .c = &self->c });
	rounds_end(_metadata, &rounds);
	loop_stop(io);
	if (l)
		loop_stop(l);
	still_works(_metadata, &self->c, self->sch);
}

TEST_F_TIMEOUT(race, rmmod_x_reports, MANY)
{
	struct loop *l;
	struct rounds rounds;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	l = loop_start(turn_reports, NULL, self->sch);
	rounds = slow_rounds_of(self->rounds / 20 + 1);
	while (rounds_next(&rounds)) {
		ASSERT_EQ(sch_bind(self->sch), 0);
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(sh("rmmod vfio_ccw"), 0);
		ASSERT_EQ(sh("load vfio_ccw"), 0);
	}
	rounds_end(_metadata, &rounds);
	loop_stop(l);
	ASSERT_EQ(sch_bind(self->sch), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	still_works(_metadata, &self->c, self->sch);
}

/* One device unmaps pages that it has pinned while another joins its container. */
TEST_F_TIMEOUT(race, unmap_x_join, MANY)
{
	char other[NAME];
	struct loop *l;
	struct rounds rounds;

	if (getenv("stock_type1"))
		SKIP(return, "K46: the stock vfio_iommu_type1 hangs");
	ASSERT_EQ(sch_find(BLK2, other), 0);
	ASSERT_EQ(sch_bind(other), 0);
	ASSERT_EQ(mdev_create(other, UUID2), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	prepare(&self->c);
	l = loop_start(turn_open, &self->c, NULL);
	rounds = rounds_of(self->rounds);
	while (rounds_next(&rounds)) {
		ccw_start_suspended(&self->c);
		ASSERT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
		ASSERT_EQ(ccw_map(&self->c, IOVA, self->c.mem, MEM), 0);
	}
	rounds_end(_metadata, &rounds);
	loop_stop(l);
	still_works(_metadata, &self->c, self->sch);
	ccw_close(&self->c);
	EXPECT_EQ(mdev_remove(UUID2), 0);
}

TEST_HARNESS_MAIN
