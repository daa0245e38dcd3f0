// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callbacks of css: devices that vanish, channel paths, channel reports
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

/* QEMU releases the disk of a removed device after a grace period: retry. */
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

/* The subchannel leaves sysfs before its driver's remove runs: wait for the mdev. */
static bool mdev_gone(void)
{
	for (int i = 0; i < 500 && mdev_there(UUID); i++)
		ms(20);
	return !mdev_there(UUID);
}

FIXTURE_SETUP(gone)
{
	self->c = CCW_CLOSED;
	if (sch_find(BLK2, self->sch)) {
		/* an earlier test has removed the device */
		unplug();
		plug();
		ASSERT_TRUE(wait_found(BLK2, self->sch, 5000));
	}
	ASSERT_EQ(sch_bind(self->sch), 0);
}

/*
 * The subchannel stays bound to vfio_ccw for the next test: for a new device, or for a new driver,
 * css looks at all 4 * 65536 possible subchannels, which takes seconds with lockdep.
 */
FIXTURE_TEARDOWN(gone)
{
	ccw_down(&self->c, UUID);
}

/* A device that was added is found, recognized, and works with vfio_ccw. */
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
	/* css unbinds the driver, which requests the device from the user */
	EXPECT_EQ(ccw_asked(c, 10000), 1);
	EXPECT_NE(ccw_start(c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_NE(ccw_async(c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	EXPECT_NE(ccw_reset(c), 0);
	EXPECT_EQ(pread(c->fd, schib, sizeof(schib), 2 << 10), -1);
	EXPECT_EQ(errno, ENODEV);
	/* the pages of the active program are unpinned, so unmapping succeeds */
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

/* K10: css goes on while the user keeps the device. */
TEST_F(gone, css_does_not_wait_for_the_user)
{
	char other[NAME];

	ASSERT_EQ(ccw_up(&self->c, BLK2, UUID, self->sch), 0);
	ASSERT_EQ(unplug(), 0);
	EXPECT_EQ(ccw_asked(&self->c, 10000), 1);
	ASSERT_EQ(css_settle(10), 0);
	/* another subchannel is probed and removed meanwhile */
	ASSERT_EQ(sch_find(BLK1, other), 0);
	EXPECT_EQ(sch_bind(other), 0);
	EXPECT_EQ(sch_unbind(other), 0);
	EXPECT_EQ(css_settle(10), 0);
	/* the user has lost nothing but the device */
	EXPECT_NE(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	ccw_close(&self->c);
	EXPECT_TRUE(wait_gone(self->sch, 5000));
	EXPECT_TRUE(mdev_gone());
	EXPECT_EQ(css_settle(60), 0);
	and_back(_metadata, &self->c, self->sch);
}

/* A new device of that number does not revive the old one that the user still has open. */
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
	/* the new subchannel may have the old name: the mdev shows that the old one is gone */
	ASSERT_TRUE(mdev_gone());
	EXPECT_EQ(css_settle(60), 0);
	works_again(_metadata, &self->c, self->sch);
}

/* The device vanishes while it is open, idle or with a program, and returns. */
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

	self->c = CCW_CLOSED;
	ASSERT_EQ(chp_vary(true), 0);
	/* virtio_ccw does not survive a path that is varied: bind all devices to vfio_ccw */
	for (unsigned int i = 0; i < sizeof(devno) / sizeof(*devno); i++) {
		if (!sch_find(devno[i], self->sch))
			ASSERT_EQ(sch_bind(self->sch), 0);
	}
	ASSERT_EQ(sch_find(BLK1, self->sch), 0);
}

FIXTURE_TEARDOWN(path)
{
	/* close first: vary waits for css, which may wait for the user of a lost subchannel */
	ccw_down(&self->c, UUID);
	window_close();
	chp_vary(true);
}

#define TRACE "/sys/kernel/tracing/"

/*
 * Starts a program without a path mask and returns the mask that the driver puts into the ORB,
 * from the trace of START SUBCHANNEL; -1 without the trace.
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
			/* second word of the ORB, with format 1, prefetch, 64 bit: 00 c2 LPM 00 */
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

/*
 * The schib tells the path that the subchannel used last: byte 10, the LPUM. QEMU leaves it 0, so
 * STORE SUBCHANNEL of css is made to tell it.
 */
static const char *path_is_told(struct ccw *c)
{
	uint8_t schib[sizeof(struct ccw_schib_region)];

	if (pread(c->fd, schib, sizeof(schib), 2 << 10) == sizeof(schib) && schib[10])
		return NULL;
	return window_store("stsch", 1, 10, 0x80);
}

/* K55: a program on a path that is lost ends, and the user is told. */
TEST_F(path, lost_in_flight)
{
	const char *why;
	struct result r;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	why = path_is_told(&self->c);
	if (why)
		SKIP(return, "%s", why);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ASSERT_EQ(chp_vary(false), 0);
		EXPECT_EQ(ccw_wait(self->c.io, 5000), 1);
		ASSERT_EQ(ccw_result(&self->c, &r), 0);
		/* the end of a halt or a clear */
		EXPECT_NE(r.fctl & 3, 0);
		ASSERT_EQ(chp_vary(true), 0);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

/* K55: without a program, nobody asked for an interrupt. */
TEST_F(path, lost_while_idle)
{
	const char *why;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	why = path_is_told(&self->c);
	if (why)
		SKIP(return, "%s", why);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(ccw_works(&self->c), 0);
		ASSERT_EQ(chp_vary(false), 0);
		EXPECT_EQ(ccw_wait(self->c.io, 500), 0);
		ASSERT_EQ(chp_vary(true), 0);
	}
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

/* No return path of the callback keeps a reference: removal would wait for it forever. */
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
	/* the program is still active */
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EBUSY);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* The next channel report word, 0 without one, ~0 on error */
static uint32_t crw_read(struct ccw *c)
{
	uint32_t crw = 0;

	return pread(c->fd, &crw, sizeof(crw), 3 << 10) == sizeof(crw) ? crw : ~0u;
}

/* rsc: bits 4-7, erc: bits 10-15, rsid: bits 16-31 */
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
	/* reports keep their order; a read signals the eventfd again if there are more */
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

/* The kernel limits the number of reports that it keeps for a user who does not read them. */
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
	/* the last one has the overflow bit */
	EXPECT_EQ(last, CRW(4, 6, 0) | 1u << 29);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_HARNESS_MAIN
