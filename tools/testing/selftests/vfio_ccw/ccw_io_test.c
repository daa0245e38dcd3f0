// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O on an open device: channel programs, errors, regions, interrupts, reset
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "ccw_lib.h"

#define END_CHAIN	(IOVA + PROG + 8)

FIXTURE(io)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_SETUP(io)
{
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(io)
{
	ccw_down(&self->c, UUID);
}

FIXTURE(dev)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_VARIANT(dev)
{
	const char *devno;
	uint8_t id[4];
};

FIXTURE_VARIANT_ADD(dev, blk) { .devno = BLK1, .id = { 0xff, 0x38, 0x32, 0x02 } };
FIXTURE_VARIANT_ADD(dev, net) { .devno = NET, .id = { 0xff, 0x38, 0x32, 0x01 } };
FIXTURE_VARIANT_ADD(dev, term) { .devno = TERM, .id = { 0xff, 0x32, 0x70, 0x00 } };

FIXTURE_SETUP(dev)
{
	char sch[NAME];

	if (sch_find(variant->devno, sch))
		SKIP(return, "the VM has no %s", variant->devno);
	ASSERT_EQ(ccw_up(&self->c, variant->devno, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(dev)
{
	ccw_down(&self->c, UUID);
}

TEST_F(dev, sense_id)
{
	struct result r;

	ASSERT_EQ(ccw_sense_id(&self->c, &r), 0);
	EXPECT_EQ(r.fctl, 4);
	EXPECT_EQ(r.stctl, 7);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cstat & ~0x40, 0);
	/* an address of the guest, not of the host */
	EXPECT_EQ(r.cpa, END_CHAIN);
	EXPECT_EQ(memcmp(self->c.mem + DATA, variant->id, 3), 0);
	if (variant->id[3])
		EXPECT_EQ(self->c.mem[DATA + 3], variant->id[3]);
}

TEST_F(dev, many_round_trips)
{
	for (int i = 0; i < 200; i++) {
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

/* QEMU 7.2 repeats the data from the first byte on the second page. */
static bool second_page(const uint8_t *p)
{
	return (p[0] == 0x32 && p[1] == 0x02) || (p[0] == 0xff && p[1] == 0x38);
}

TEST_F(io, nop)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_NOP, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, END_CHAIN);
}

TEST_F(io, basic_sense)
{
	struct result r;

	memset(self->c.mem + DATA, 0xaa, 64);
	ccw_put(&self->c, PROG, CMD_SENSE, F_SLI, 32, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_NE(self->c.mem[DATA], 0xaa);
	EXPECT_EQ(self->c.mem[DATA + 32], 0xaa);
}

TEST_F(io, chain_with_tic_across_pages)
{
	unsigned int second = 0x3000 - 8;
	struct result r;

	/*
	 * NOP, SENSE ID, TIC to a SENSE ID at the end of a page, NOP on the next page; the data of
	 * the second SENSE ID cross a page.
	 */
	ccw_put(&self->c, PROG, CMD_NOP, F_SLI | F_CC, 1, IOVA + DATA);
	ccw_put(&self->c, PROG + 8, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	ccw_put(&self->c, PROG + 16, CMD_TIC, 0, 0, IOVA + second);
	ccw_put(&self->c, second, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA + 0x1ffe);
	ccw_put(&self->c, second + 8, CMD_NOP, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + second + 16);
	EXPECT_EQ(memcmp(self->c.mem + DATA, "\xff\x38\x32", 3), 0);
	EXPECT_EQ(memcmp(self->c.mem + DATA + 0x1ffe, "\xff\x38", 2), 0);
	EXPECT_TRUE(second_page(self->c.mem + DATA + 0x2000));
}

TEST_F(io, indirect_addresses)
{
	uint64_t idaw[2] = { IOVA + DATA + 0x2ffe, IOVA + DATA + 0x8000 };
	struct result r;

	/* two pages that are not adjacent */
	memcpy(self->c.mem + 0x200, idaw, sizeof(idaw));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 7, IOVA + 0x200);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(self->c.mem + DATA + 0x2ffe, "\xff\x38", 2), 0);
	EXPECT_TRUE(second_page(self->c.mem + DATA + 0x8000));
}

TEST_F(io, indirect_addresses_format_1)
{
	uint32_t idaw[2] = { IOVA + DATA + 0x7fe, IOVA + DATA + 0x8000 };
	struct result r;
	int ret;

	memcpy(self->c.mem + 0x200, idaw, sizeof(idaw));
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 7, IOVA + 0x200);
	ret = ccw_run(&self->c, ORB & ~ORB_C64, IOVA + PROG, &r);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "vfio_ccw_cp.c of this tree does not translate format-1 IDAWs");
	ASSERT_EQ(ret, 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(memcmp(self->c.mem + DATA + 0x7fe, "\xff\x38", 2), 0);
	EXPECT_TRUE(second_page(self->c.mem + DATA + 0x8000));
}

TEST_F(io, no_prefetch)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_NOP, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB & ~ORB_PREFETCH, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
}

TEST_F(io, unit_check)
{
	struct result r;

	ccw_put(&self->c, PROG, CMD_BAD, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + PROG, &r), 0);
	EXPECT_EQ(r.dstat & 0x02, 0x02);
	EXPECT_EQ(r.stctl, 0x17);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, unmapped_program)
{
	EXPECT_EQ(ccw_start(&self->c, ORB, 0x40000000, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, unmapped_data)
{
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, 0x40000000);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* The second part of a program is not mapped: the pages of the first are unpinned. */
TEST_F(io, half_unmapped_chain)
{
	for (int i = 0; i < 50; i++) {
		ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
		ccw_put(&self->c, PROG + 8, CMD_TIC, 0, 0, 0x40000000);
		ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
		ccw_put(&self->c, PROG + 8, CMD_SENSE_ID, F_SLI, 7, 0x40000000);
		ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
	}
	EXPECT_EQ(ccw_works(&self->c), 0);
	/* no page is pinned any more: unmapping succeeds */
	EXPECT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
}

TEST_F(io, longest_chain)
{
	struct result r;

	for (int i = 0; i < 256; i++)
		ccw_put(&self->c, 0x1000 + 8 * i, CMD_NOP, F_SLI | (i < 255 ? F_CC : 0), 1,
			IOVA + DATA);
	ASSERT_EQ(ccw_run(&self->c, ORB, IOVA + 0x1000, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
	EXPECT_EQ(r.cpa, IOVA + 0x1000 + 256 * 8);

	ccw_put(&self->c, 0x1000 + 8 * 255, CMD_NOP, F_SLI | F_CC, 1, IOVA + DATA);
	ccw_put(&self->c, 0x1000 + 8 * 256, CMD_NOP, F_SLI, 1, IOVA + DATA);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + 0x1000, FCTL_START), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, transport_mode)
{
	EXPECT_EQ(ccw_start(&self->c, ORB | ORB_TM, IOVA + PROG, FCTL_START), -EOPNOTSUPP);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, halt_and_clear_have_another_region)
{
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_HALT), -EOPNOTSUPP);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_CLEAR), -EOPNOTSUPP);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, second_start_is_busy)
{
	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	EXPECT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), -EBUSY);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* asynchronous commands */

TEST_F(io, halt_ends_a_program)
{
	struct result r;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.fctl & 2, 2);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, clear_ends_a_program)
{
	struct result r;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.fctl, 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, halt_and_clear_without_a_program)
{
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, unknown_command)
{
	EXPECT_EQ(ccw_async(&self->c, 0), -EINVAL);
	EXPECT_EQ(ccw_async(&self->c, 3), -EINVAL);
	EXPECT_EQ(ccw_async(&self->c, 0x80), -EINVAL);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/*
 * The interrupt of a halt may be handled after a new program was started. It must not free that
 * program: the channel would write to pages that are not pinned any more.
 */
TEST_F(io, late_halt_does_not_free_a_program)
{
	for (int i = 0; i < 100; i++) {
		int ret;

		ASSERT_EQ(ccw_async_soon(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
		do {
			ret = ccw_start_suspended(&self->c);
		} while (ret == -EBUSY);
		ASSERT_EQ(ret, 0);
		ccw_wait(self->c.io, 20);
		/* EBUSY: the driver knows that the program is active */
		ASSERT_EQ(ccw_start_soon(&self->c, ORB, IOVA + PROG, FCTL_START), -EBUSY);
		ASSERT_EQ(ccw_async_soon(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
		ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

/* regions */

TEST_F(io, info)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_irq_info irq = { .argsz = sizeof(irq) };

	ASSERT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_INFO, &info), 0);
	EXPECT_EQ(info.flags, VFIO_DEVICE_FLAGS_CCW | VFIO_DEVICE_FLAGS_RESET);
	EXPECT_EQ(info.num_regions, 4);
	/* the stock driver of 5.10 has no request interrupt; ours has it on each tree */
	if (info.num_irqs == 2 && !ccw_ours())
		SKIP(return, "the driver has no request interrupt");
	EXPECT_EQ(info.num_irqs, 3);
	for (irq.index = 0; irq.index < 3; irq.index++) {
		ASSERT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_IRQ_INFO, &irq), 0);
		EXPECT_EQ(irq.count, 1);
		EXPECT_EQ(irq.flags, VFIO_IRQ_INFO_EVENTFD);
	}
	EXPECT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_IRQ_INFO, &irq), -1);
	info.argsz = 4;
	EXPECT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_INFO, &info), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(ioctl(self->c.fd, _IO(';', 99), &info), -1);
	EXPECT_EQ(errno, ENOTTY);
}

TEST_F(io, region_info)
{
	static const struct {
		unsigned int size, flags, subtype;
	} want[] = {
		{ sizeof(struct ccw_io_region), 3, 0 },
		{ sizeof(struct ccw_cmd_region), 3, VFIO_REGION_SUBTYPE_CCW_ASYNC_CMD },
		{ sizeof(struct ccw_schib_region), 1, VFIO_REGION_SUBTYPE_CCW_SCHIB },
		{ sizeof(struct ccw_crw_region), 1, VFIO_REGION_SUBTYPE_CCW_CRW },
	};

	for (unsigned int i = 0; i < 4; i++) {
		struct {
			struct vfio_region_info info;
			char caps[128];
		} r = { .info = { .argsz = sizeof(r), .index = i } };
		struct vfio_region_info_cap_type *cap;

		ASSERT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_REGION_INFO, &r), 0);
		EXPECT_EQ(r.info.size, want[i].size);
		EXPECT_EQ(r.info.offset, (uint64_t)i << 10);
		EXPECT_EQ(r.info.flags & 3, want[i].flags);
		if (!i)
			continue;
		ASSERT_EQ(r.info.flags & VFIO_REGION_INFO_FLAG_CAPS, VFIO_REGION_INFO_FLAG_CAPS);
		ASSERT_NE(r.info.cap_offset, 0);
		cap = (void *)&r + r.info.cap_offset;
		EXPECT_EQ(cap->header.id, VFIO_REGION_INFO_CAP_TYPE);
		EXPECT_EQ(cap->type, VFIO_REGION_TYPE_CCW);
		EXPECT_EQ(cap->subtype, want[i].subtype);
	}
}

TEST_F(io, region_info_says_how_much_room_it_needs)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = 1 };

	ASSERT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
	EXPECT_EQ(info.argsz, sizeof(info) + sizeof(struct vfio_region_info_cap_type));
	EXPECT_EQ(info.cap_offset, 0);
	info.index = 4;
	EXPECT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_REGION_INFO, &info), -1);
	info.index = 0x80000000;
	EXPECT_EQ(ioctl(self->c.fd, VFIO_DEVICE_GET_REGION_INFO, &info), -1);
}

TEST_F(io, no_such_region)
{
	static const uint64_t index[] = {
		4, 5, 63, 0x3fffff, 1ULL << 32, (1ULL << 32) + 1, 1ULL << 42
	};
	char buf[8];

	for (unsigned int i = 0; i < sizeof(index) / sizeof(*index); i++) {
		EXPECT_EQ(pread(self->c.fd, buf, 4, index[i] << 10), -1);
		EXPECT_EQ(errno, EINVAL) TH_LOG("read of region %llx", (long long)index[i]);
		EXPECT_EQ(pwrite(self->c.fd, buf, 4, index[i] << 10), -1);
		EXPECT_EQ(errno, EINVAL) TH_LOG("write of region %llx", (long long)index[i]);
	}
}

TEST_F(io, beyond_the_end_of_a_region)
{
	static const int size[] = { sizeof(struct ccw_io_region), sizeof(struct ccw_cmd_region),
				    sizeof(struct ccw_schib_region),
				    sizeof(struct ccw_crw_region) };
	void *volatile nowhere = (void *)8;
	char buf[256] = { 0 };

	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(pread(self->c.fd, buf, size[i], i << 10), size[i]);
		EXPECT_EQ(pread(self->c.fd, buf, size[i] + 1, i << 10), -1);
		EXPECT_EQ(pread(self->c.fd, buf, size[i], (i << 10) + 1), -1);
		EXPECT_EQ(pread(self->c.fd, buf, 2, (i << 10) + 1), 2);
		EXPECT_EQ(pread(self->c.fd, buf, 4, (i << 10) + 1000), -1);
	}
	EXPECT_EQ(pwrite(self->c.fd, buf, sizeof(buf), 0), -1);
	EXPECT_EQ(pwrite(self->c.fd, buf, 16, 1 << 10), -1);
	EXPECT_EQ(pwrite(self->c.fd, buf, 4, 2 << 10), -1);
	EXPECT_EQ(pwrite(self->c.fd, buf, 4, 3 << 10), -1);
	EXPECT_EQ(pread(self->c.fd, nowhere, 8, 0), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(pwrite(self->c.fd, nowhere, 8, 0), -1);
	EXPECT_EQ(errno, EFAULT);
}

TEST_F(io, schib)
{
	uint8_t schib[sizeof(struct ccw_schib_region)];

	ASSERT_EQ(pread(self->c.fd, schib, sizeof(schib), 2 << 10), (ssize_t)sizeof(schib));
	/* enabled, device number valid */
	EXPECT_EQ(schib[5] & 0x81, 0x81);
	EXPECT_EQ(schib[6] << 8 | schib[7], 0x1111);
}

TEST_F(io, no_channel_report)
{
	uint32_t crw = 1;

	ASSERT_EQ(pread(self->c.fd, &crw, 4, 3 << 10), 4);
	EXPECT_EQ(crw, 0);
}

/* interrupts */

static int irq_set(int fd, unsigned int flags, unsigned int index, int value)
{
	struct {
		struct vfio_irq_set set;
		uint8_t value;
	} s = { .set = { .argsz = sizeof(s), .flags = flags, .index = index, .count = 1 },
		.value = value };

	return ioctl(fd, VFIO_DEVICE_SET_IRQS, &s) ? -errno : 0;
}

TEST_F(io, eventfds)
{
	int efd[3] = { self->c.io, self->c.crw, self->c.req };

	for (unsigned int i = 0; i < self->c.irqs; i++) {
		EXPECT_EQ(irq_set(self->c.fd, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
				  i, 0), 0);
		EXPECT_EQ(ccw_wait(efd[i], 0), 1);
		EXPECT_EQ(irq_set(self->c.fd, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER,
				  i, 0), 0);
		EXPECT_EQ(ccw_wait(efd[i], 0), 0);
		EXPECT_EQ(irq_set(self->c.fd, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER,
				  i, 1), 0);
		EXPECT_EQ(ccw_wait(efd[i], 0), 1);
		EXPECT_EQ(ccw_irq(&self->c, i, -1), 0);
		EXPECT_EQ(irq_set(self->c.fd, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
				  i, 0), 0);
		EXPECT_EQ(ccw_wait(efd[i], 0), 0);
		EXPECT_EQ(ccw_irq(&self->c, i, -2), -EINVAL);
		EXPECT_EQ(ccw_irq(&self->c, i, 0), -EINVAL);	/* stdin is no eventfd */
	}
	EXPECT_EQ(ccw_irq(&self->c, self->c.irqs, self->c.io), -EINVAL);
	EXPECT_EQ(irq_set(self->c.fd, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, 0, 0),
		  -EINVAL);
}

TEST_F(io, another_eventfd)
{
	struct result r;
	int other = eventfd(0, EFD_NONBLOCK);

	ASSERT_EQ(ccw_irq(&self->c, VFIO_CCW_IO_IRQ_INDEX, other), 0);
	ccw_put(&self->c, PROG, CMD_NOP, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_EQ(ccw_wait(other, 5000), 1);
	EXPECT_EQ(ccw_wait(self->c.io, 0), 0);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.dstat, 0x0c);
}

/* reset */

TEST_F(io, reset)
{
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(ccw_reset(&self->c), 0);
		if (i & 1)
			ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

TEST_F(io, reset_in_flight)
{
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ASSERT_EQ(ccw_reset(&self->c), 0);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

/* A reset discards the interrupts of earlier programs. */
TEST_F(io, reset_takes_back_interrupts)
{
	int stale = 0;

	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ASSERT_EQ(ccw_reset(&self->c), 0);
		ccw_wait(self->c.io, 0);
		stale += ccw_wait(self->c.io, 10);
	}
	EXPECT_EQ(stale, 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(io, unmap_in_flight)
{
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ASSERT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
		EXPECT_EQ(ccw_start_soon(&self->c, ORB, IOVA + PROG, FCTL_START), -EINVAL);
		ASSERT_EQ(ccw_map(&self->c, IOVA, self->c.mem, MEM), 0);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

TEST_HARNESS_MAIN
