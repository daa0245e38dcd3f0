// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 3270 terminal, whose user is the host: unsolicited interrupts, data in both directions. Other
 * devices of QEMU end a program within START SUBCHANNEL, this one interrupts at any time.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"
#include "ccw_lib.h"

#define CMD_ERASE_WRITE		0x05
#define CMD_READ_MODIFIED	0x06
#define ATTENTION		0x80
#define DEVICE_END		0x04

FIXTURE(term)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_SETUP(term)
{
	if (sch_find(TERM, self->sch))
		SKIP(return, "the VM has no terminal");
	ASSERT_EQ(ccw_up(&self->c, TERM, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(term)
{
	sh("tn close");
	ccw_down(&self->c, UUID);
}

/* Waits for an unsolicited interrupt with this status and skips up to three others. */
static int unsolicited(struct ccw *c, uint32_t dstat)
{
	struct result r;

	for (int i = 0; i < 4; i++) {
		if (!ccw_wait(c->io, 3000))
			return -ETIMEDOUT;
		if (ccw_result(c, &r))
			return -EIO;
		if (r.dstat & dstat)
			/* alert status and status pending, no function */
			return r.stctl == 0x11 && !r.fctl ? 0 : -EINVAL;
	}
	return -ENOENT;
}

TEST_F(term, connect_and_close)
{
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(sh("tn connect"), 0);
		EXPECT_EQ(unsolicited(&self->c, DEVICE_END), 0);
		ASSERT_EQ(sh("tn close"), 0);
		EXPECT_EQ(unsolicited(&self->c, DEVICE_END), 0);
	}
}

TEST_F(term, data_both_ways)
{
	static const uint8_t out[] = { 0xc3, 0x11, 0x5d, 0x7f, 0x1d, 0xf0, 0xc1, 0xc2 };
	static const uint8_t in[] = { 0x7d, 0x40, 0x40, 0x11, 0x40, 0x40, 0xc8, 0xc9 };
	struct result r;

	ASSERT_EQ(sh("tn connect"), 0);
	ASSERT_EQ(unsolicited(&self->c, DEVICE_END), 0);
	ms(300);
	ccw_wait(self->c.io, 0);

	/* the host logs the data as "@@TN data 05c3..." */
	memcpy(self->c.mem + DATA, out, sizeof(out));
	ccw_put(&self->c, PROG, CMD_ERASE_WRITE, F_SLI, sizeof(out), IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.count, 0);

	ASSERT_EQ(sh("tn send 7d40401140 40c8c9"), 0);
	ASSERT_EQ(unsolicited(&self->c, ATTENTION), 0);
	memset(self->c.mem + DATA, 0, 64);
	ccw_put(&self->c, PROG, CMD_READ_MODIFIED, F_SLI, 64, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat & 0x0c, 0x0c);
	EXPECT_EQ(memcmp(self->c.mem + DATA, in, sizeof(in)), 0);
	EXPECT_EQ(r.count, 64 - sizeof(in));
}

/* The address in the status is of no program, and never the host's. */
TEST_F(term, address_of_an_unsolicited_status)
{
	struct result r;

	ASSERT_EQ(ccw_works(&self->c), 0);
	ASSERT_EQ(sh("tn connect"), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.stctl, 0x11);
	EXPECT_TRUE(!r.cpa || (r.cpa >= IOVA && r.cpa <= IOVA + MEM)) TH_LOG("address %x", r.cpa);
	sh("tn close");
}

/* An unsolicited interrupt neither ends nor frees the active program. */
TEST_F(term, unsolicited_in_flight)
{
	ASSERT_EQ(sh("tn connect"), 0);
	ASSERT_EQ(unsolicited(&self->c, DEVICE_END), 0);
	ms(300);
	ccw_wait(self->c.io, 0);
	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	sh("tn send 7d4040");
	ccw_wait(self->c.io, 1000);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EBUSY);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ms(100);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Interrupts of a closed device are ignored. */
TEST_F(term, interrupts_while_closed)
{
	ccw_close_fd(&self->c);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(sh("tn connect"), 0);
		ms(100);
		sh("tn send 7d4040");
		ASSERT_EQ(sh("tn close"), 0);
	}
	EXPECT_EQ(ccw_wait(self->c.io, 100), 0);
	ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_HARNESS_MAIN
