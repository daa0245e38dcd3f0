// SPDX-License-Identifier: GPL-2.0-only
/*
 * samples/rust/rust_mdev.rs as a user sees it: configuration space, RAM, registers, interrupt, DMA;
 * and a driver that refuses
 *
 * The registers are described at the top of the driver.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define RAM_SIZE	(2u << 20)
#define PAGE		4096u
/* where the test maps its buffer for the device */
#define IOVA		0x10000000u

/* registers in BAR 2 */
enum {
	ID = 0x00, SIZE = 0x04, STATUS = 0x08, ENABLE = 0x0c, DMA_LOW = 0x10, DMA_HIGH = 0x14,
	OFFSET = 0x18, LENGTH = 0x1c, COMMAND = 0x20,
};

enum { DONE = 1, FAILED = 2, BELL = 4 };
enum { FROM_GUEST = 1, TO_GUEST = 2, RING = 3 };

FIXTURE(card)
{
	char type[PATH_SIZE];
	struct vfio_user vfio;
	struct uuid u;
	off_t config, ram, regs;
	int fired;
};

static int region(struct vfio_user *user, uint32_t index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(user->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/* VFIO_DEVICE_SET_IRQS for one interrupt; fd: with VFIO_IRQ_SET_DATA_EVENTFD */
static int irq(struct vfio_user *user, uint32_t index, uint32_t flags, int fd)
{
	char buf[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	int32_t data = fd;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(buf), .flags = flags, .index = index, .count = 1,
	};
	memcpy(set->data, &data, sizeof(data));
	return ioctl(user->device, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

#define CONNECT	(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define UNMASK	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK)
#define MASK	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK)

FIXTURE_SETUP(card)
{
	struct vfio_region_info info;
	int ret = sample_ready("rust_mdev");

	self->vfio = (struct vfio_user){ -1, -1, -1 };
	self->fired = -1;
	if (ret)
		SKIP(return, "rust_mdev.ko: %s", strerror(-ret));
	ASSERT_TRUE(type_path("rust_mdev", "faux_driver-2m", self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ret = vfio_open_mdev(self->u.s, &self->vfio);
	if (ret) {
		mdev_remove_all();
		ASSERT_EQ(-ENOENT, ret);
		SKIP(return, "no /dev/vfio groups in this kernel");
	}
	self->fired = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->fired);
	ASSERT_EQ(0, region(&self->vfio, VFIO_PCI_CONFIG_REGION_INDEX, &info));
	self->config = info.offset;
	ASSERT_EQ(0, region(&self->vfio, VFIO_PCI_BAR0_REGION_INDEX, &info));
	self->ram = info.offset;
	ASSERT_EQ(0, region(&self->vfio, VFIO_PCI_BAR2_REGION_INDEX, &info));
	self->regs = info.offset;
}

FIXTURE_TEARDOWN(card)
{
	vfio_close_mdev(&self->vfio);
	if (self->fired >= 0)
		close(self->fired);
	mdev_remove_all();
}

/* configuration space and registers are little-endian, on every host */
static uint32_t get(struct _test_data_card *self, off_t at)
{
	uint32_t value = 0xdeadbeef;

	if (pread(self->vfio.device, &value, sizeof(value), at) != sizeof(value))
		say("reading at %#llx: %s", (long long)at, strerror(errno));
	return le32toh(value);
}

static void set(struct _test_data_card *self, off_t at, uint32_t value)
{
	value = htole32(value);
	if (pwrite(self->vfio.device, &value, sizeof(value), at) != sizeof(value))
		say("writing at %#llx: %s", (long long)at, strerror(errno));
}

/* How often the interrupt fired since the last call */
static uint64_t fired(struct _test_data_card *self)
{
	uint64_t count = 0;

	return read(self->fired, &count, sizeof(count)) < 0 ? 0 : count;
}

TEST_F(card, device_info)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_irq_info irqs = { .argsz = sizeof(irqs), .index = VFIO_PCI_INTX_IRQ_INDEX };

	EXPECT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ((uint32_t)(VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET), info.flags);
	EXPECT_EQ((uint32_t)VFIO_PCI_NUM_REGIONS, info.num_regions);
	EXPECT_EQ((uint32_t)VFIO_PCI_NUM_IRQS, info.num_irqs);
	EXPECT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_GET_IRQ_INFO, &irqs));
	EXPECT_EQ(1U, irqs.count);
	irqs.index = VFIO_PCI_MSIX_IRQ_INDEX;
	EXPECT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_GET_IRQ_INFO, &irqs));
	EXPECT_EQ(0U, irqs.count);
	irqs.index = VFIO_PCI_NUM_IRQS;
	EXPECT_EQ(-1, ioctl(self->vfio.device, VFIO_DEVICE_GET_IRQ_INFO, &irqs));
	EXPECT_EQ(EINVAL, errno);
	info.argsz = 4;
	EXPECT_EQ(-1, ioctl(self->vfio.device, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ioctl(self->vfio.device, VFIO_DEVICE_GET_INFO, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->vfio.device, VFIO_DEVICE_QUERY_GFX_PLANE, NULL));
	EXPECT_EQ(ENOTTY, errno);
}

TEST_F(card, regions)
{
	struct vfio_region_info info;
	uint32_t access = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;

	EXPECT_EQ(0, region(&self->vfio, VFIO_PCI_CONFIG_REGION_INDEX, &info));
	EXPECT_EQ(256U, info.size);
	EXPECT_EQ(access, info.flags);
	EXPECT_EQ(0, region(&self->vfio, VFIO_PCI_BAR0_REGION_INDEX, &info));
	EXPECT_EQ(RAM_SIZE, info.size);
	EXPECT_EQ(access | VFIO_REGION_INFO_FLAG_MMAP, info.flags);
	EXPECT_EQ(0, region(&self->vfio, VFIO_PCI_ROM_REGION_INDEX, &info));
	EXPECT_EQ(0U, info.size);
	EXPECT_EQ(-EINVAL, region(&self->vfio, VFIO_PCI_NUM_REGIONS, &info));
}

TEST_F(card, config_space)
{
	uint16_t command = 0xffff;

	EXPECT_EQ(0x00fe1b36U, get(self, self->config + PCI_VENDOR_ID));
	set(self, self->config + PCI_VENDOR_ID, 0);
	EXPECT_EQ(0x00fe1b36U, get(self, self->config + PCI_VENDOR_ID));
	EXPECT_EQ(0x0500U, get(self, self->config + PCI_CLASS_REVISION) >> 16);
	/* a guest learns the size of a BAR so */
	set(self, self->config + PCI_BASE_ADDRESS_0, ~0U);
	EXPECT_EQ(~(RAM_SIZE - 1) | PCI_BASE_ADDRESS_MEM_PREFETCH,
		  get(self, self->config + PCI_BASE_ADDRESS_0));
	set(self, self->config + PCI_BASE_ADDRESS_2, ~0U);
	EXPECT_EQ(~(PAGE - 1), get(self, self->config + PCI_BASE_ADDRESS_2));
	set(self, self->config + PCI_BASE_ADDRESS_0, 0xe0000000);
	EXPECT_EQ(0xe0000000 | PCI_BASE_ADDRESS_MEM_PREFETCH,
		  get(self, self->config + PCI_BASE_ADDRESS_0));
	set(self, self->config + PCI_BASE_ADDRESS_1, ~0U);
	EXPECT_EQ(0U, get(self, self->config + PCI_BASE_ADDRESS_1));
	/* 2 bytes, and the status behind them stays */
	ASSERT_EQ(2, pwrite(self->vfio.device, &command, 2, self->config + PCI_COMMAND));
	EXPECT_EQ((uint32_t)(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE),
		  get(self, self->config + PCI_COMMAND));
}

TEST_F(card, ram_by_read_write_and_mmap)
{
	unsigned char out[77], in[77];
	unsigned int i, at = 3 * PAGE + 5;
	unsigned char *map = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
				  self->vfio.device, self->ram);

	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < sizeof(out); i++)
		out[i] = i + 1;
	/* the memory of another user was cleared */
	for (i = 0; i < RAM_SIZE; i++)
		if (map[i])
			break;
	EXPECT_EQ(RAM_SIZE, i);
	/* at any address, of any length */
	ASSERT_EQ((ssize_t)sizeof(out),
		  pwrite(self->vfio.device, out, sizeof(out), self->ram + at));
	EXPECT_EQ(0, memcmp(map + at, out, sizeof(out)));
	EXPECT_EQ(0, map[at - 1]);
	EXPECT_EQ(0, map[at + sizeof(out)]);
	map[at] = 0xaa;
	ASSERT_EQ((ssize_t)sizeof(in), pread(self->vfio.device, in, sizeof(in), self->ram + at));
	EXPECT_EQ(0xaa, in[0]);
	EXPECT_EQ(0, memcmp(in + 1, out + 1, sizeof(out) - 1));
	/* up to the end of the region, and not beyond it */
	EXPECT_EQ(10, pread(self->vfio.device, in, sizeof(in), self->ram + RAM_SIZE - 10));
	EXPECT_EQ(-1, pread(self->vfio.device, in, sizeof(in), self->ram + RAM_SIZE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, munmap(map, RAM_SIZE));
	EXPECT_EQ(-1, pread(self->vfio.device, map, 8, self->ram));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(card, what_may_be_mapped)
{
	int fd = self->vfio.device, rw = PROT_READ | PROT_WRITE;
	void *map;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, RAM_SIZE, rw, MAP_PRIVATE, fd, self->ram));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, RAM_SIZE + PAGE, rw, MAP_SHARED, fd, self->ram));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, RAM_SIZE, rw, MAP_SHARED, fd, self->ram + PAGE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, fd, self->regs));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, fd, self->config));
	map = mmap(NULL, PAGE, rw, MAP_SHARED, fd, self->ram + RAM_SIZE - PAGE);
	ASSERT_NE(MAP_FAILED, map);
	/* a mapping keeps the device open */
	EXPECT_EQ(0, munmap(map, PAGE));
}

TEST_F(card, registers)
{
	uint64_t both = 0;
	uint16_t half = 0;

	EXPECT_EQ(0x7665646dU, get(self, self->regs + ID));
	EXPECT_EQ(RAM_SIZE, get(self, self->regs + SIZE));
	set(self, self->regs + ENABLE, ~0U);
	EXPECT_EQ((uint32_t)(DONE | FAILED | BELL), get(self, self->regs + ENABLE));
	set(self, self->regs + DMA_HIGH, 0x11223344);
	set(self, self->regs + DMA_LOW, 0x55667788);
	ASSERT_EQ(8, pread(self->vfio.device, &both, 8, self->regs + DMA_LOW));
	EXPECT_EQ(0x1122334455667788ULL, le64toh(both));
	set(self, self->regs + ID, 0);
	EXPECT_EQ(0x7665646dU, get(self, self->regs + ID));
	EXPECT_EQ(-1, pread(self->vfio.device, &half, 2, self->regs + ID));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(card, interrupt)
{
	struct vfio_user *user = &self->vfio;

	ASSERT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, self->fired));
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ((uint32_t)BELL, get(self, self->regs + STATUS));
	EXPECT_EQ(0U, fired(self));
	set(self, self->regs + ENABLE, BELL);
	EXPECT_EQ(1U, fired(self));
	EXPECT_EQ((uint32_t)PCI_STATUS_INTERRUPT,
		  get(self, self->config + PCI_COMMAND) >> 16 & PCI_STATUS_INTERRUPT);
	/* masked by vfio, until the user unmasks it */
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ(0U, fired(self));
	/* the level is still high */
	EXPECT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, UNMASK, -1));
	EXPECT_EQ(1U, fired(self));
	set(self, self->regs + STATUS, BELL);
	EXPECT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, UNMASK, -1));
	EXPECT_EQ(0U, fired(self));
	EXPECT_EQ(0U, get(self, self->config + PCI_COMMAND) >> 16 & PCI_STATUS_INTERRUPT);
	EXPECT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, MASK, -1));
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ(0U, fired(self));
	EXPECT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, UNMASK, -1));
	EXPECT_EQ(1U, fired(self));
	/* the user withdraws the eventfd, and connects no eventfds */
	EXPECT_EQ(0, irq(user, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, -1));
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ(0U, fired(self));
	EXPECT_EQ(-EBADF, irq(user, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, 4000));
	EXPECT_EQ(-EINVAL, irq(user, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, user->container));
	EXPECT_EQ(-EINVAL, irq(user, VFIO_PCI_MSI_IRQ_INDEX, CONNECT, self->fired));
	EXPECT_EQ(-EINVAL, irq(user, VFIO_PCI_NUM_IRQS, CONNECT, self->fired));
}

static uint32_t copies(struct _test_data_card *self, uint32_t command, uint32_t iova,
		       uint32_t offset, uint32_t length)
{
	set(self, self->regs + STATUS, ~0U);
	set(self, self->regs + DMA_LOW, iova);
	set(self, self->regs + DMA_HIGH, 0);
	set(self, self->regs + OFFSET, offset);
	set(self, self->regs + LENGTH, length);
	set(self, self->regs + COMMAND, command);
	return get(self, self->regs + STATUS);
}

TEST_F(card, dma)
{
	unsigned char *guest = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_iommu_type1_dma_map dma = {
		.argsz = sizeof(dma), .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)guest, .iova = IOVA, .size = 2 * PAGE,
	};
	unsigned char in[1000];
	unsigned int i;

	ASSERT_NE(MAP_FAILED, guest);
	ASSERT_EQ(0, ioctl(self->vfio.container, VFIO_IOMMU_MAP_DMA, &dma));
	for (i = 0; i < 2 * PAGE; i++)
		guest[i] = i * 7;
	/* a device that is no bus master does not access memory */
	EXPECT_EQ((uint32_t)FAILED, copies(self, FROM_GUEST, IOVA, 0, 100));
	set(self, self->config + PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_EQ((uint32_t)DONE, copies(self, FROM_GUEST, IOVA + PAGE - 500, 4321, sizeof(in)));
	ASSERT_EQ((ssize_t)sizeof(in),
		  pread(self->vfio.device, in, sizeof(in), self->ram + 4321));
	EXPECT_EQ(0, memcmp(in, guest + PAGE - 500, sizeof(in)));
	memset(guest, 0, 2 * PAGE);
	EXPECT_EQ((uint32_t)DONE, copies(self, TO_GUEST, IOVA + 1, 4321, sizeof(in)));
	EXPECT_EQ(0, memcmp(in, guest + 1, sizeof(in)));
	EXPECT_EQ(0, guest[0]);
	EXPECT_EQ(0, guest[1 + sizeof(in)]);
	/* not mapped, beyond the RAM, and an empty one */
	EXPECT_EQ((uint32_t)FAILED, copies(self, TO_GUEST, IOVA + 2 * PAGE, 0, 4));
	EXPECT_EQ((uint32_t)FAILED, copies(self, FROM_GUEST, IOVA, RAM_SIZE - 4, 8));
	EXPECT_EQ((uint32_t)FAILED, copies(self, FROM_GUEST, IOVA, ~0U, 8));
	EXPECT_EQ((uint32_t)DONE, copies(self, FROM_GUEST, IOVA, 0, 0));
}

TEST_F(card, reset)
{
	uint32_t word = 0x12345678;

	ASSERT_EQ(0, irq(&self->vfio, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, self->fired));
	set(self, self->regs + ENABLE, BELL);
	set(self, self->config + PCI_COMMAND, PCI_COMMAND_MASTER);
	ASSERT_EQ(4, pwrite(self->vfio.device, &word, 4, self->ram + RAM_SIZE - 4));
	ASSERT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_RESET));
	EXPECT_EQ(0U, get(self, self->regs + ENABLE));
	EXPECT_EQ(0U, get(self, self->config + PCI_COMMAND));
	EXPECT_EQ(0U, get(self, self->ram + RAM_SIZE - 4));
	/* the eventfd stays */
	set(self, self->regs + ENABLE, BELL);
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ(1U, fired(self));
}

/* The next user does not get the interrupts of the last one */
TEST_F(card, a_user_that_left_gets_no_interrupt)
{
	ASSERT_EQ(0, irq(&self->vfio, VFIO_PCI_INTX_IRQ_INDEX, CONNECT, self->fired));
	vfio_close_mdev(&self->vfio);
	ASSERT_EQ(0, vfio_open_mdev(self->u.s, &self->vfio));
	set(self, self->regs + ENABLE, BELL);
	set(self, self->regs + COMMAND, RING);
	EXPECT_EQ((uint32_t)BELL, get(self, self->regs + STATUS));
	EXPECT_EQ(0U, fired(self));
}

/* Two tasks use one device at the same time */
static void use(unsigned int who, void *arg)
{
	struct _test_data_card *self = arg;
	unsigned int i;

	for (i = 0; i < 300; i++) {
		set(self, self->ram + 4 * who, i);
		set(self, self->regs + COMMAND, RING);
		set(self, self->regs + STATUS, BELL);
		irq(&self->vfio, VFIO_PCI_INTX_IRQ_INDEX, who % 2 ? UNMASK : CONNECT, self->fired);
		if (who == 0 && i % 50 == 0)
			ioctl(self->vfio.device, VFIO_DEVICE_RESET);
		get(self, self->config + PCI_COMMAND);
	}
}

TEST_F(card, many_tasks)
{
	crowd_run(4, use, self);
	EXPECT_EQ(0x7665646dU, get(self, self->regs + ID));
	EXPECT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_RESET));
	EXPECT_EQ(0U, get(self, self->regs + STATUS));
}

/* rust/tests/modules/rust_managed.rs: Mdev::refuse() */
TEST(a_driver_that_refuses)
{
	char one[PATH_SIZE], none[PATH_SIZE];
	struct uuid u = uuid_new();
	int ret = sample_ready("rust_managed");

	if (ret)
		SKIP(return, "rust_managed.ko: %s", strerror(-ret));
	ASSERT_TRUE(type_path("rust_managed", "faux_driver-one", one));
	ASSERT_TRUE(type_path("rust_managed", "faux_driver-none", none));
	ASSERT_EQ(0, mdev_create(one, u.s));
	EXPECT_EQ(7, mdev_available(none));
	EXPECT_EQ(-EUSERS, mdev_create(none, uuid_new().s));
	EXPECT_EQ(1, mdev_count());
	EXPECT_EQ(0, mdev_available(none));
	EXPECT_EQ(7, mdev_available(one));
	/* what an mdev gives back may be what the driver lacked */
	ASSERT_EQ(0, mdev_remove(u.s));
	EXPECT_EQ(8, mdev_available(none));
	EXPECT_EQ(0, module_unload("rust_managed"));
}

TEST_HARNESS_MAIN
