// SPDX-License-Identifier: GPL-2.0-only
/*
 * What css tells the driver: devices that vanish, channel paths, channel reports
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "ccw_lib.h"

static int unplug(void)
{
	return sh("mon device_del blk2");
}

/* QEMU gives the disk of a device that went free when its own RCU readers are through. */
static int plug(void)
{
	int ret;

	for (int i = 0; i < 20; i++) {
		ret = sh("mon device_add virtio-blk-ccw,drive=d2,devno=fe.0.2222,id=blk2");
		if (!ret)
			break;
		ms(250);
	}
	return ret;
}

FIXTURE(gone)
{
	struct ccw c;
	char sch[NAME];
};

static bool wait_gone(const char *sch, int timeout_ms)
{
	for (int i = 0; i < timeout_ms / 20; i++) {
		if (!sch_there(sch))
			return true;
		ms(20);
	}
	return false;
}

static bool wait_found(const char *devno, char sch[NAME], int timeout_ms)
{
	for (int i = 0; i < timeout_ms / 20; i++) {
		if (!sch_find(devno, sch))
			return true;
		ms(20);
	}
	return false;
}

/* The subchannel's name goes first, its driver with the mdev after it. */
static bool mdev_gone(void)
{
	for (int i = 0; i < 500 && mdev_there(UUID); i++)
		ms(20);
	return !mdev_there(UUID);
}

FIXTURE_SETUP(gone)
{
	self->c = (struct ccw) { -1, -1, -1, -1, -1, -1, NULL, 0 };
	if (sch_find(BLK2, self->sch)) {
		/* what an earlier test has left */
		unplug();
		plug();
		ASSERT_TRUE(wait_found(BLK2, self->sch, 5000));
	}
	ASSERT_EQ(sch_bind(self->sch), 0);
}

/*
 * The subchannel stays ours for the next test. To plug a device and to give it to io_subchannel
 * each make css look at all subchannels there could be, 4 times 65536, one lock for each: that
 * is seconds with lockdep.
 */
FIXTURE_TEARDOWN(gone)
{
	ccw_down(&self->c, UUID);
}

/* What is plugged gets found, recognized, and works for us. */
static void works_again(struct __test_metadata *_metadata, struct ccw *c, char sch[NAME])
{
	ASSERT_TRUE(wait_found(BLK2, sch, 5000));
	EXPECT_EQ(css_settle(60), 0);
	EXPECT_TRUE(sch_driver_is(sch, "io_subchannel"));
	ASSERT_EQ(ccw_up(c, BLK2, UUID, sch), 0);
	EXPECT_EQ(ccw_works(c), 0);
}

static void and_back(struct __test_metadata *_metadata, struct ccw *c, char sch[NAME])
{
	ASSERT_EQ(plug(), 0);
	works_again(_metadata, c, sch);
}

TEST_F(gone, without_mdev)
{
	ASSERT_EQ(unplug(), 0);
	EXPECT_TRUE(wait_gone(self->sch, 5000));
	EXPECT_EQ(css_settle(60), 0);
	and_back(_metadata, &self->c, self->sch);
}

TEST_F(gone, with_mdev)
{
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	ASSERT_EQ(unplug(), 0);
	EXPECT_TRUE(wait_gone(self->sch, 5000));
	EXPECT_TRUE(mdev_gone());
	and_back(_metadata, &self->c, self->sch);
}

TEST_F(gone, after_mdev)
{
	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(ccw_works(&self->c), 0);
	ccw_down(&self->c, UUID);
	ASSERT_EQ(unplug(), 0);
	EXPECT_TRUE(wait_gone(self->sch, 5000));
	EXPECT_EQ(css_settle(60), 0);
	and_back(_metadata, &self->c, self->sch);
}

static void while_open(struct __test_metadata *_metadata, struct ccw *c, char sch[NAME],
		       bool in_flight)
{
	uint8_t schib[sizeof(struct ccw_schib_region)];

	ASSERT_EQ(ccw_up(c, BLK2, UUID, sch), 0);
	if (in_flight)
		ASSERT_EQ(ccw_start_suspended(c), 0);
	ASSERT_EQ(unplug(), 0);
	/* css unbinds us, which asks the user to let go */
	EXPECT_EQ(ccw_asked(c, 10000), 1);
	EXPECT_NE(ccw_start(c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_NE(ccw_async(c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	EXPECT_NE(ccw_reset(c), 0);
	EXPECT_EQ(pread(c->fd, schib, sizeof(schib), 2 << 10), -1);
	EXPECT_EQ(errno, ENODEV);
	/* not even pages of a program that was active are kept */
	EXPECT_EQ(ccw_unmap(c, IOVA, MEM), 0);
	ccw_close(c);
	EXPECT_TRUE(wait_gone(sch, 5000));
	EXPECT_TRUE(mdev_gone());
}

TEST_F(gone, while_open)
{
	while_open(_metadata, &self->c, self->sch, false);
	and_back(_metadata, &self->c, self->sch);
}

TEST_F(gone, in_flight)
{
	while_open(_metadata, &self->c, self->sch, true);
	and_back(_metadata, &self->c, self->sch);
}

/* A device that comes back while the user still has the old one does not bring it to life. */
TEST_F_TIMEOUT(gone, stays_gone, MANY)
{
	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(unplug(), 0);
	EXPECT_EQ(ccw_asked(&self->c, 10000), 1);
	ASSERT_EQ(plug(), 0);
	ms(200);
	EXPECT_NE(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_NE(ccw_reset(&self->c), 0);
	EXPECT_NE(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	ccw_close(&self->c);
	/* the new one gets the old name, perhaps at once; the mdev tells that the old is gone */
	ASSERT_TRUE(mdev_gone());
	EXPECT_EQ(css_settle(60), 0);
	works_again(_metadata, &self->c, self->sch);
}

/* Opening a device of which css does not know yet that it is gone says so, and is no trouble. */
TEST_F_TIMEOUT(gone, many_times, MANY)
{
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(ccw_open(&self->c, UUID), 0);
		if (i & 1)
			ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ASSERT_EQ(unplug(), 0);
		ccw_close(&self->c);
		EXPECT_TRUE(wait_gone(self->sch, 5000));
		ASSERT_EQ(plug(), 0);
		ASSERT_TRUE(wait_found(BLK2, self->sch, 5000));
		ASSERT_EQ(sch_bind(self->sch), 0);
	}
}

/* channel paths and reports */

FIXTURE(path)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_SETUP(path)
{
	static const char *const devno[] = { BLK1, BLK2, NET };

	self->c = (struct ccw) { -1, -1, -1, -1, -1, -1, NULL, 0 };
	ASSERT_EQ(chp_vary(true), 0);
	/* virtio_ccw does not survive a path that comes and goes: it gets no device */
	for (unsigned int i = 0; i < sizeof(devno) / sizeof(*devno); i++) {
		if (!sch_find(devno[i], self->sch))
			ASSERT_EQ(sch_bind(self->sch), 0);
	}
	ASSERT_EQ(sch_find(BLK1, self->sch), 0);
}

FIXTURE_TEARDOWN(path)
{
	/* vary waits for css, and css perhaps for us to let go of a subchannel that was lost */
	ccw_down(&self->c, UUID);
	chp_vary(true);
}

#define TRACE "/sys/kernel/tracing/"

/*
 * The mask of paths that goes to the machine when the guest leaves the choice to us: from the
 * ORB in the trace of START SUBCHANNEL. -1 if there is no trace.
 */
static int lpm_used(struct ccw *c)
{
	static uint8_t raw[1 << 16];
	int lpm = -1;

	put(TRACE "trace", "");
	if (put(TRACE "events/s390/s390_cio_ssch/enable", "1"))
		return -1;
	ccw_wait(c->io, 0);
	ccw_put(c, PROG, CMD_NOP, F_SLI, 1, IOVA + DATA);
	if (!ccw_start(c, ORB & ~ORB_LPM, IOVA + PROG, FCTL_START))
		ccw_wait(c->io, 2000);
	put(TRACE "events/s390/s390_cio_ssch/enable", "0");
	for (int cpu = 0; cpu < 4 && lpm < 0; cpu++) {
		char path[128];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), TRACE "per_cpu/cpu%d/trace_pipe_raw", cpu);
		fd = open(path, O_RDONLY | O_NONBLOCK);
		if (fd < 0)
			break;
		while (lpm < 0 && (n = read(fd, raw, sizeof(raw))) > 0) {
			/* the word of the ORB with format 1, prefetch, 64 bit: 00 c2 LPM 00 */
			for (ssize_t i = 16; i + 4 <= n && lpm < 0; i += 4)
				if (raw[i] == 0 && raw[i + 1] == 0xc2 && raw[i + 3] == 0)
					lpm = raw[i + 2];
		}
		close(fd);
	}
	return lpm;
}

TEST_F(path, varied_while_open)
{
	int lpm;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	lpm = lpm_used(&self->c);
	if (lpm < 0)
		SKIP(return, "no trace of START SUBCHANNEL");
	EXPECT_EQ(lpm, 0x80);
	ASSERT_EQ(chp_vary(false), 0);
	EXPECT_EQ(lpm_used(&self->c), 0);
	ASSERT_EQ(chp_vary(true), 0);
	EXPECT_EQ(lpm_used(&self->c), 0x80);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(path, varied_without_mdev)
{
	int lpm;

	ASSERT_EQ(chp_vary(false), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	lpm = lpm_used(&self->c);
	if (lpm < 0)
		SKIP(return, "no trace of START SUBCHANNEL");
	EXPECT_EQ(lpm, 0);
	ccw_down(&self->c, UUID);
	ASSERT_EQ(chp_vary(true), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(lpm_used(&self->c), 0x80);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(path, varied_while_closed)
{
	int lpm;

	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	ASSERT_EQ(chp_vary(false), 0);
	ASSERT_EQ(ccw_open(&self->c, UUID), 0);
	lpm = lpm_used(&self->c);
	if (lpm < 0)
		SKIP(return, "no trace of START SUBCHANNEL");
	EXPECT_EQ(lpm, 0);
	ASSERT_EQ(chp_vary(true), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(path, varied_while_unbound)
{
	ASSERT_EQ(sch_unbind(self->sch), 0);
	ASSERT_EQ(chp_vary(false), 0);
	ASSERT_EQ(sch_bind(self->sch), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_LE(lpm_used(&self->c), 0);
	ccw_down(&self->c, UUID);
	ASSERT_EQ(sch_unbind(self->sch), 0);
	ASSERT_EQ(chp_vary(true), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* No reference stays behind, on whatever way out of the callback: removal would wait for ever. */
TEST_F(path, vary_keeps_nothing)
{
	pid_t pid;

	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(chp_vary(false), 0);
		ASSERT_EQ(chp_vary(true), 0);
		if (!crw_ready()) {
			crw_inject(RSC_CHP, ERC_PERRN, 0);
			crw_inject(RSC_CHP, ERC_INIT, 0);
			crw_inject(RSC_SCH, ERC_IPARM, 0);
		}
	}
	pid = mdev_remove_elsewhere(UUID);
	EXPECT_EQ(ended(pid, 5000), 0);
}

TEST_F(path, reports_without_mdev_settle)
{
	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(crw_inject(RSC_SCH, ERC_IPARM, strtol(self->sch + 4, NULL, 16)), 0);
		ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	}
	EXPECT_EQ(css_settle(60), 0);
	EXPECT_TRUE(sch_there(self->sch));
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(path, reports_in_flight)
{
	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(crw_inject(RSC_SCH, ERC_IPARM, strtol(self->sch + 4, NULL, 16)), 0);
	}
	EXPECT_EQ(css_settle(60), 0);
	/* it still runs */
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EBUSY);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* rsc:4 at bit 4, erc:6 at bit 10, rsid:16 */
static uint32_t crw_read(struct ccw *c)
{
	uint32_t crw = 0;

	return pread(c->fd, &crw, sizeof(crw), 3 << 10) == sizeof(crw) ? crw : ~0u;
}

#define CRW(rsc, erc, rsid) ((rsc) << 24 | (erc) << 16 | (rsid))

TEST_F(path, reports_are_told)
{
	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	ASSERT_EQ(ccw_wait(self->c.crw, 5000), 1);
	EXPECT_EQ(crw_read(&self->c), CRW(4, 6, 0));
	EXPECT_EQ(crw_read(&self->c), 0);
	ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	ASSERT_EQ(crw_inject(RSC_CHP, ERC_INIT, 0), 0);
	ms(500);
	/* in their order, and the eventfd fires as long as there are more */
	EXPECT_EQ(ccw_wait(self->c.crw, 5000), 1);
	EXPECT_EQ(crw_read(&self->c), CRW(4, 6, 0));
	EXPECT_EQ(ccw_wait(self->c.crw, 5000), 1);
	EXPECT_EQ(crw_read(&self->c), CRW(4, 2, 0));
	EXPECT_EQ(ccw_wait(self->c.crw, 0), 0);
	EXPECT_EQ(crw_read(&self->c), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(path, reports_are_for_who_has_it_open)
{
	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	ms(200);
	ASSERT_EQ(ccw_open(&self->c, UUID), 0);
	EXPECT_EQ(crw_read(&self->c), 0);
	ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	ASSERT_EQ(ccw_wait(self->c.crw, 5000), 1);
	ccw_close_fd(&self->c);
	ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
	EXPECT_EQ(crw_read(&self->c), 0);
}

/* Nobody reads them, and the kernel's memory has an end. */
TEST_F_TIMEOUT(path, reports_that_nobody_reads, MANY)
{
	uint32_t crw, last = 0;
	int n = 0;

	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	for (int i = 0; i < 500; i++) {
		ASSERT_EQ(crw_inject(RSC_CHP, ERC_PERRN, 0), 0);
	}
	ms(500);
	while ((crw = crw_read(&self->c))) {
		ASSERT_NE(crw, ~0u);
		last = crw;
		n++;
	}
	EXPECT_LE(n, 64);
	EXPECT_GE(n, 16);
	/* and the last says that there were more */
	EXPECT_EQ(last, CRW(4, 6, 0) | 1u << 29);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_HARNESS_MAIN
