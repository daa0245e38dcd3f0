// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channel programs at their edges: addresses, formats, limits, status addresses; and a user whose
 * page fault takes long
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/userfaultfd.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "ccw_lib.h"

/* more memory, mapped page by page where a test wants it */
#define PAGES	32
#define FILL	0x55
#define ID	"\xff\x38\x32"

FIXTURE(cp)
{
	struct ccw c;
	char sch[NAME];
	uint8_t *more;
};

static uint8_t *more_memory(void)
{
	uint8_t *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);

	if (p != MAP_FAILED)
		memset(p, FILL, PAGES * PAGE);
	return p;
}

FIXTURE_SETUP(cp)
{
	self->more = more_memory();
	ASSERT_NE(self->more, MAP_FAILED);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(cp)
{
	ccw_down(&self->c, UUID);
	munmap(self->more, PAGES * PAGE);
}

/* for tests in which the stock driver crashes: each has a boot of its own there */
FIXTURE(hostile)
{
	struct ccw c;
	char sch[NAME];
	uint8_t *more;
};

FIXTURE_SETUP(hostile)
{
	self->more = more_memory();
	ASSERT_NE(self->more, MAP_FAILED);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(hostile)
{
	ccw_down(&self->c, UUID);
	munmap(self->more, PAGES * PAGE);
}

static bool filled(const uint8_t *p, size_t n)
{
	while (n--)
		if (*p++ != FILL)
			return false;
	return true;
}

/* Whether an address in a status is the guest's, or none. A host address is neither. */
static bool of_the_guest(uint32_t cpa)
{
	return !cpa || (cpa >= IOVA && cpa <= IOVA + MEM);
}

/* data at the edges of mappings */

TEST_F(cp, data_below_a_mapping)
{
	/* nothing is mapped below FAR; the second page of our memory is mapped there */
	ASSERT_EQ(ccw_map(&self->c, FAR, self->more + PAGE, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, FAR - 16);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	ccw_wait(self->c.io, 500);
	EXPECT_TRUE(filled(self->more, 3 * PAGE));
	/* from below into the mapping */
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 64, FAR - 16);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	ccw_wait(self->c.io, 500);
	EXPECT_TRUE(filled(self->more, 3 * PAGE));
}

TEST_F(cp, data_above_a_mapping)
{
	ASSERT_EQ(ccw_map(&self->c, FAR, self->more, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 64, FAR + PAGE - 16);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	ccw_wait(self->c.io, 500);
	EXPECT_TRUE(filled(self->more, 2 * PAGE));
	EXPECT_EQ(ccw_unmap(&self->c, FAR, PAGE), 0);
}

TEST_F(cp, data_in_the_lower_of_two_mappings)
{
	struct result r;
	uint8_t *b = self->more + PAGE, *a = self->more + 4 * PAGE;

	/* in the tree of mappings, b is above a: it is found first for what overlaps both */
	ASSERT_EQ(ccw_map(&self->c, FAR + PAGE, b, PAGE), 0);
	ASSERT_EQ(ccw_map(&self->c, FAR + 0x100000, self->more + 8 * PAGE, PAGE), 0);
	ASSERT_EQ(ccw_map(&self->c, FAR, a, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, FAR + PAGE - 16);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(a + PAGE - 16, ID, 3), 0);
	EXPECT_TRUE(filled(a, PAGE - 16));
	EXPECT_TRUE(filled(self->more, 4 * PAGE));
}

TEST_F(hostile, unmap_of_data_below_a_mapping)
{
	ASSERT_EQ(ccw_map(&self->c, FAR, self->more + PAGE, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, CMD_SENSE_ID, F_SLI | F_SUSPEND, 7, FAR - 16);
	EXPECT_EQ(ccw_start(&self->c, ORB | ORB_SUSPEND, IOVA + PROG, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_unmap(&self->c, FAR, PAGE), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(hostile, unmap_after_a_clear)
{
	uint8_t *b = self->more + PAGE, *a = self->more + 4 * PAGE;

	/* in the tree of mappings, a is above b: it is found first for what overlaps both */
	ASSERT_EQ(ccw_map(&self->c, IOVA - 0x100000, self->more + 8 * PAGE, PAGE), 0);
	ASSERT_EQ(ccw_map(&self->c, FAR, a, PAGE), 0);
	ASSERT_EQ(ccw_map(&self->c, FAR + PAGE, b, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, CMD_SENSE_ID, F_SLI | F_SUSPEND, 7, FAR + PAGE - 16);
	ASSERT_EQ(ccw_start(&self->c, ORB | ORB_SUSPEND, IOVA + PROG, FCTL_START), 0);
	/* one more rotates the tree: b is above a */
	ASSERT_EQ(ccw_map(&self->c, FAR + 0x100000, self->more + 8 * PAGE, PAGE), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_unmap(&self->c, FAR, PAGE), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Pages are given back without a user who reads the status. */
TEST_F(cp, unmap_before_the_status_is_read)
{
	for (int i = 0; i < 20; i++) {
		ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
		ASSERT_EQ(ccw_start_soon(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
		ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
		if (i & 1)
			ms(50);
		ASSERT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
		ASSERT_EQ(ccw_map(&self->c, IOVA, self->c.mem, MEM), 0);
	}
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(cp, no_page_stays_pinned)
{
	long before = locked_kib();
	struct result r;

	if (ccw_iommufd())
		SKIP(return, "iommufd does not count the pages of this process");
	/* the status is not read */
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 0x4000, IOVA + DATA + 0x800);
	ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	for (int i = 0; i < 200 && locked_kib() != before; i++)
		ms(10);
	EXPECT_EQ(locked_kib(), before);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	/* the last of five pages is not mapped */
	ASSERT_EQ(ccw_map(&self->c, FAR, self->more, 4 * PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 4 * PAGE, FAR + 16);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	EXPECT_EQ(locked_kib(), before);
	EXPECT_EQ(ccw_unmap(&self->c, FAR, 4 * PAGE), 0);
	/* the last of 45 */
	for (int i = 0; i < 3; i++)
		ccw_put(&self->c, PROG + 8 * i, CMD_SENSE_ID, F_SLI | (i < 2 ? F_CC : 0),
			15 * PAGE, IOVA + MEM - 44 * PAGE + i * 15 * PAGE);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	EXPECT_EQ(locked_kib(), before);
}

TEST_F(cp, data_beyond_two_gib)
{
	uint64_t high = 0x123456789000ULL, idaw[2] = { high + PAGE - 4, high + PAGE };
	struct result r;

	ASSERT_EQ(ccw_map(&self->c, high, self->more, 2 * PAGE), 0);
	memcpy(self->c.mem + 0x200, idaw, sizeof(idaw));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 4, IOVA + 0x200);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(self->more + PAGE - 4, ID, 3), 0);
	EXPECT_TRUE(filled(self->more, PAGE - 4));
	/* a program below 2 GiB only: 31 bits */
	EXPECT_EQ(ccw_start(&self->c, ORB, 0x80000000 + IOVA + PROG, FCTL_START), -EINVAL);
}

/* formats */

static void put_format_0(struct ccw *c, unsigned int offset, uint8_t cmd, uint8_t flags,
			 uint16_t count, uint32_t addr)
{
	uint8_t ccw[8] = { cmd, addr >> 16, addr >> 8, addr, flags, 0, count >> 8, count };

	memcpy(c->mem + offset, ccw, sizeof(ccw));
}

TEST_F(cp, format_0)
{
	const uint32_t low = 0x100000;
	struct result r;

	/* 24 bits of address: the memory is mapped there as well */
	ASSERT_EQ(ccw_map(&self->c, low, self->c.mem, MEM), 0);
	put_format_0(&self->c, PROG, CMD_NOP, F_SLI | F_CC, 1, low + DATA);
	/* four bits decide that it is a TIC; its flags and its count mean nothing */
	put_format_0(&self->c, PROG + 8, 0xf8, 0xff, 0xffff, low + PROG + 0x80);
	put_format_0(&self->c, PROG + 0x80, CMD_SENSE_ID, F_SLI, 7, low + DATA + PAGE - 2);
	ASSERT_EQ(ccw_run(&self->c, ORB & ~ORB_FMT1, low + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, low + PROG + 0x88);
	EXPECT_EQ(memcmp(self->c.mem + DATA + PAGE - 2, ID, 2), 0);
}

TEST_F(cp, tic_backwards)
{
	struct result r;

	/* from a segment to one below it, in another page */
	ccw_put(&self->c, 0x3000, CMD_NOP, F_SLI | F_CC, 1, IOVA + DATA);
	ccw_put(&self->c, 0x3008, CMD_TIC, 0, 0, IOVA + 0x1ff8);
	ccw_put(&self->c, 0x1ff8, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + 0x3000, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + 0x2000);
	EXPECT_EQ(memcmp(self->c.mem + DATA, ID, 3), 0);
}

TEST_F(cp, tic_to_itself)
{
	struct result r;
	int ret;

	/* two TICs one after another are a program check of the channel, not an endless start */
	ccw_put(&self->c, PROG, CMD_TIC, 0, 0, IOVA + PROG);
	ret = ccw_run(&self->c, ORB, IOVA + PROG, &r);
	EXPECT_TRUE(ret == -EINVAL || (!ret && r.cstat & 0x20));
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(cp, two_kib_blocks)
{
	uint64_t idaw[3] = { IOVA + DATA + 0x7fe, IOVA + DATA + 0x2800, IOVA + DATA + 0x4000 };
	struct result r;

	/* format 2, 2 KiB for each: two bytes, then another block */
	memcpy(self->c.mem + 0x200, idaw, sizeof(idaw));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 7, IOVA + 0x200);
	ASSERT_EQ(ccw_run(&self->c, ORB | ORB_2K, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(self->c.mem + DATA + 0x7fe, ID, 2), 0);
	/* QEMU 7.2 repeats the data from the first byte in the second block */
	EXPECT_TRUE(self->c.mem[DATA + 0x2800] == 0x32 || self->c.mem[DATA + 0x2800] == 0xff);
	EXPECT_EQ(self->c.mem[DATA + 0x800], 0);
	EXPECT_EQ(self->c.mem[DATA + 0x4000], 0);
}

/* QEMU ends a program with data chaining by a program check, but all of it was translated. */
TEST_F(cp, data_chaining)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_DC, 4, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, 0, F_SLI, 8, IOVA + DATA + PAGE - 4);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.cstat & 0x20, 0x20);
	EXPECT_EQ(r.cpa, IOVA + PROG + 8);
	/* the second CCW has data too: they must be mapped */
	ccw_put(&self->c, PROG + 8, 0, F_SLI, 8, IOVA + MEM - 4);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(cp, no_data)
{
	struct result r;

	/* skipped data and a NOP use no memory: the addresses mean nothing */
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_CC | F_SKIP, 7, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, CMD_NOP, F_SLI, 1, 0x40000000);
	memset(self->c.mem + DATA, FILL, 64);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + PROG + 16);
}

TEST_F(cp, midaws_are_refused)
{
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_MIDA, 7, IOVA + 0x200);
	EXPECT_EQ(ccw_start(&self->c, ORB | ORB_MIDAW, IOVA + PROG, FCTL_START), -EOPNOTSUPP);
	ccw_wait(self->c.io, 500);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* A segment ends where its memory ends: the page after it is not needed. */
TEST_F(cp, program_at_the_end_of_memory)
{
	struct result r;

	ccw_put(&self->c, MEM - 8, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + MEM - 8, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + MEM);
	/* it goes on where nothing is mapped */
	ccw_put(&self->c, MEM - 8, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + MEM - 8, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* CVEs of 2026, see bugs.conf */

TEST_F(hostile, many_segments)
{
	struct result r;
	unsigned int n = 16;

	/* each has a NOP, and a TIC to the next one */
	for (;;) {
		for (unsigned int i = 0; i < n; i++) {
			unsigned int at = 0x1000 + 0x400 * i;

			ccw_put(&self->c, at, CMD_NOP, F_SLI | (i < n - 1 ? F_CC : 0), 1,
				IOVA + DATA);
			ccw_put(&self->c, at + 8, CMD_TIC, 0, 0, IOVA + at + 0x400);
		}
		if (n > 16)
			break;
		ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + 0x1000, &r), 0);
		EXPECT_EQ(r.dstat, 0x0c);
		n = 200;
	}
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + 0x1000, FCTL_START), -EINVAL);
	ccw_wait(self->c.io, 500);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(cp, format_1_idaws_at_the_end_of_memory)
{
	uint32_t idaw[2] = { IOVA + DATA + 0x7fe, IOVA + DATA + 0x8000 };
	struct result r;

	memcpy(self->c.mem + MEM - 8, idaw, sizeof(idaw));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 7, IOVA + MEM - 8);
	ASSERT_EQ(ccw_run(&self->c, ORB & ~ORB_C64, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(self->c.mem + DATA + 0x7fe, ID, 2), 0);
}

struct flipper {
	bool stop;
	uint64_t *word;
	uint64_t a, b;
};

static void *flip(void *arg)
{
	struct flipper *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		__atomic_store_n(f->word, f->a, __ATOMIC_RELAXED);
		__atomic_store_n(f->word, f->b, __ATOMIC_RELAXED);
	}
	return NULL;
}

/*
 * The first IDAW alternates while programs are translated. By its address there are one or two
 * IDAWs, and a list that has one was read with the other address makes the channel go beyond it.
 */
TEST_F(hostile, first_idaw_changes)
{
	struct flipper f = {
		.word = (void *)(self->c.mem + 0x200),
		.a = IOVA + DATA, .b = IOVA + DATA + PAGE - 2,
	};
	uint64_t second = IOVA + DATA + 0x8000;
	pthread_t thread;
	struct result r;

	*f.word = f.a;
	memcpy(self->c.mem + 0x208, &second, sizeof(second));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 7, IOVA + 0x200);
	ASSERT_EQ(pthread_create(&thread, NULL, flip, &f), 0);
	for (int i = 0; i < 3000; i++) {
		int ret = ccw_run(&self->c, ORB, IOVA + PROG, &r);

		if (ret || r.dstat != 0x0c) {
			EXPECT_EQ(ret, 0);
			EXPECT_EQ(r.dstat, 0x0c) TH_LOG("round %d, channel status %x", i, r.cstat);
			break;
		}
	}
	__atomic_store_n(&f.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

static long slab_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "SUnreclaim: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

/* One segment leads to a good one, then to one that is not mapped. */
TEST_F(hostile, segments_of_a_refused_program)
{
	struct result r;
	long before;

	for (int i = 0; i < 30; i++)
		ccw_put(&self->c, 0x1000 + 8 * i, CMD_NOP, F_SLI | (i < 29 ? F_CC : 0), 1,
			IOVA + DATA);
	ccw_put(&self->c, PROG, CMD_NOP, F_SLI | F_CC, 1, IOVA + DATA);
	/* the chaining flag of a TIC is invalid, so the segment goes on behind it */
	ccw_put(&self->c, PROG + 8, CMD_TIC, F_CC, 0, IOVA + 0x1000);
	ccw_put(&self->c, PROG + 16, CMD_TIC, 0, 0, 0x40000000);
	for (int round = 0; round < 2; round++) {
		before = slab_kib();
		for (int i = 0; i < 4000; i++) {
			/* a driver may leave the invalid TIC to the channel */
			if (ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START))
				continue;
			ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
			ASSERT_EQ(ccw_result(&self->c, &r), 0);
		}
	}
	/* 4000 segments are more than 2 MiB */
	EXPECT_LT(slab_kib() - before, 1024);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* addresses in the status */

TEST_F(cp, address_after_halt)
{
	struct result r;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_TRUE(of_the_guest(r.cpa)) TH_LOG("address %x", r.cpa);
	/* a halt without a program */
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_TRUE(of_the_guest(r.cpa)) TH_LOG("address %x", r.cpa);
}

TEST_F(cp, address_after_clear)
{
	struct result r;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_TRUE(of_the_guest(r.cpa)) TH_LOG("address %x", r.cpa);
	ASSERT_EQ(ccw_works(&self->c), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_TRUE(of_the_guest(r.cpa)) TH_LOG("address %x", r.cpa);
}

TEST_F(cp, address_after_unit_check)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_NOP, F_SLI | F_CC, 1, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, CMD_BAD, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat & 0x02, 0x02);
	EXPECT_EQ(r.cpa, IOVA + PROG + 16);
}

/* status that waits for the user */

TEST_F(cp, the_end_of_a_program_and_of_a_halt)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	/* not read yet */
	ASSERT_EQ(ccw_async_soon(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.fctl, 4);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + PROG + 8);
	/* signalled again for the second */
	EXPECT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.fctl, 2);
	EXPECT_EQ(ccw_wait(self->c.io, 50), 0);
}

/* a page fault that takes as long as the user wants */

FIXTURE(fault)
{
	struct ccw c;
	char sch[NAME];
	int uffd;
	uint8_t *page;
};

struct access {
	struct ccw *c;
	void *buf;
	size_t size;
	off_t pos;
	bool write;
	bool done;
};

static bool is_done(struct access *a)
{
	return __atomic_load_n(&a->done, __ATOMIC_SEQ_CST);
}

static void *access_region(void *arg)
{
	struct access *a = arg;

	if (a->write)
		pwrite(a->c->fd, a->buf, a->size, a->pos);
	else
		pread(a->c->fd, a->buf, a->size, a->pos);
	__atomic_store_n(&a->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

FIXTURE_SETUP(fault)
{
	self->c = CCW_CLOSED;
	self->page = faulting_page(&self->uffd);
	if (!self->page)
		SKIP(return, "the kernel has no userfaultfd");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(fault)
{
	ccw_down(&self->c, UUID);
}

static void *do_works(void *arg)
{
	struct access *a = arg;

	/* neither a start, nor a read, nor a reset waits */
	if (!ccw_works(a->c) && !ccw_reset(a->c) && !ccw_unmap(a->c, IOVA, MEM))
		__atomic_store_n(&a->done, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void others_go_on(struct __test_metadata *_metadata, struct ccw *c, int uffd,
			 struct access *a)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)a->buf, PAGE } };
	struct access other = { .c = c };
	pthread_t stuck, free;

	ASSERT_EQ(pthread_create(&stuck, NULL, access_region, a), 0);
	ms(300);
	ASSERT_FALSE(is_done(a));
	ASSERT_EQ(pthread_create(&free, NULL, do_works, &other), 0);
	for (int i = 0; i < 1000 && !is_done(&other); i++)
		ms(10);
	EXPECT_TRUE(is_done(&other));
	EXPECT_FALSE(is_done(a));
	ASSERT_EQ(ioctl(uffd, UFFDIO_ZEROPAGE, &zero), 0);
	pthread_join(stuck, NULL);
	pthread_join(free, NULL);
}

TEST_F(fault, while_writing_a_command)
{
	struct access a = {
		&self->c, self->page, sizeof(struct ccw_cmd_region), 1 << 10, true, false
	};

	others_go_on(_metadata, &self->c, self->uffd, &a);
}

TEST_F(fault, while_starting)
{
	struct access a = {
		&self->c, self->page, sizeof(struct ccw_io_region), 0, true, false
	};

	others_go_on(_metadata, &self->c, self->uffd, &a);
}

TEST_F(fault, while_reading_a_status)
{
	struct access a = {
		&self->c, self->page, sizeof(struct ccw_io_region), 0, false, false
	};

	others_go_on(_metadata, &self->c, self->uffd, &a);
}

TEST_F(fault, while_reading_the_schib)
{
	struct access a = {
		&self->c, self->page, sizeof(struct ccw_schib_region), 2 << 10, false, false
	};

	others_go_on(_metadata, &self->c, self->uffd, &a);
}

TEST_F(fault, while_reading_a_report)
{
	struct access a = {
		&self->c, self->page, sizeof(struct ccw_crw_region), 3 << 10, false, false
	};

	others_go_on(_metadata, &self->c, self->uffd, &a);
}

TEST_HARNESS_MAIN
