// SPDX-License-Identifier: GPL-2.0-only
/*
 * ccw_fuzz: random calls on vfio-ccw: mdevs, devices, channel programs, paths, channel reports
 *
 * Threads share the mdevs of SLOTS subchannels, and the memory of their users: one changes a
 * channel program while another starts it. A seed repeats the calls, see ../mdev/fuzz.h; the order
 * of two threads is the machine's. Afterwards each subchannel can be bound, its mdev created and
 * opened, and a SENSE ID succeeds; no page is left pinned. Prints KTAP, and how often each kind of
 * call succeeded and failed.
 *
 * Left out: the commands of virtio-ccw by which QEMU writes to memory behind the driver's back
 * (queues and indicators, written from then on at any time). No byte that ccw_fuzz writes to a
 * program is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mdev/fuzz_calls.h"
#include "ccw_lib.h"

#define SLOTS	4
#define CALLS	5000
#define AREAS	4		/* of programs, in the memory of a user */
#define AREA	0x1000u

/* An open device. The last of the slot and the threads that use it closes it. */
struct user {
	struct ccw c;
	atomic_uint refs;
};

struct slot {
	const char *devno, *uuid;
	char sch[NAME];
	struct fuzz_slot device;
};

static struct slot slots[SLOTS] = {
	{ .devno = BLK1, .uuid = "5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0b01" },
	{ .devno = BLK2, .uuid = "5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0b02" },
	{ .devno = NET, .uuid = "5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0b03" },
	{ .devno = TERM, .uuid = "5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0b04" },
};

static bool reports;		/* the kernel lets channel reports be made up */

static struct slot *a_slot(struct caller *c)
{
	return &slots[fuzz_below(&c->r, SLOTS)];
}

static void close_user(struct user *user)
{
	if (!user || atomic_fetch_sub(&user->refs, 1) > 1)
		return;
	ccw_close(&user->c);
	free(user);
}

/* A reference on the user of a slot; NULL if it is closed */
static struct user *get_user(struct slot *s)
{
	struct user *user = atomic_exchange(&s->device.user, NULL);

	if (user) {
		atomic_fetch_add(&user->refs, 1);
		set_user(&s->device, user);
	}
	return user;
}

/* mdevs and subchannels */

static int call_create(struct caller *c)
{
	struct slot *s = a_slot(c);
	char path[512];

	snprintf(path, sizeof(path),
		 CSS "/devices/%s/mdev_supported_types/vfio_ccw-io/create", s->sch);
	return write_text(c, path, s->uuid);
}

static int call_remove(struct caller *c)
{
	struct slot *s = a_slot(c);
	char path[512];
	int ret;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/remove", s->uuid);
	begin_removal(&s->device);
	ret = write_text(c, path, "1");
	end_removal(&s->device);
	return ret;
}

static int call_bind(struct caller *c)
{
	struct slot *s = a_slot(c);
	int ret;

	if (fuzz_below(&c->r, 4))
		return put(CSS "/drivers/vfio_ccw/bind", s->sch);
	begin_removal(&s->device);
	ret = put(CSS "/drivers/vfio_ccw/unbind", s->sch);
	end_removal(&s->device);
	return ret;
}

static int call_open(struct caller *c)
{
	struct slot *s = a_slot(c);
	struct user *user;
	int ret;

	if (atomic_load(&s->device.removing))
		return -1;
	set_user(&s->device, NULL);
	user = calloc(1, sizeof(*user));
	if (!user)
		return -ENOMEM;
	user->refs = 1;
	ret = ccw_open(&user->c, s->uuid);
	if (ret)
		free(user);
	else
		set_user(&s->device, user);
	return ret;
}

static int call_close(struct caller *c)
{
	set_user(&a_slot(c)->device, NULL);
	return 0;
}

static int call_read_file(struct caller *c)
{
	static const char * const of_sch[] = {
		"type", "pimpampom", "chpids", "modalias", "uevent", "driver_override",
		"mdev_supported_types/vfio_ccw-io/available_instances",
		"mdev_supported_types/vfio_ccw-io/device_api",
	};
	char path[512], buf[FUZZ_PAGE];
	struct slot *s = a_slot(c);

	snprintf(path, sizeof(path), CSS "/devices/%s/%s", s->sch, of_sch[fuzz_below(&c->r, 8)]);
	return get(path, buf, sizeof(buf));
}

/* The one channel path of all devices is back before long. */
static int call_vary(struct caller *c)
{
	return chp_vary(fuzz_below(&c->r, 3));
}

static int call_report(struct caller *c)
{
	static const unsigned int erc[] = { ERC_INIT, ERC_IPARM, ERC_PERRN };
	struct slot *s = a_slot(c);
	unsigned int sch;

	if (!reports || sscanf(s->sch, "%*x.%*x.%x", &sch) != 1)
		return -1;
	if (fuzz_one_in(&c->r, 2))
		return crw_inject(RSC_SCH, erc[fuzz_below(&c->r, 2)], sch);
	return crw_inject(RSC_CHP, erc[fuzz_below(&c->r, 3)], fuzz_one_in(&c->r, 8));
}

/* channel programs */

/* Whether a channel command makes QEMU write to memory later, see above */
static bool unsafe(uint8_t byte)
{
	switch (byte) {
	case 0x11:	/* WRITE_FEAT */
	case 0x13:	/* SET_VQ */
	case 0x21:	/* WRITE_CONF */
	case 0x31:	/* WRITE_STATUS */
	case 0x43:	/* SET_CONF_IND */
	case 0x53:	/* SET_IND */
	case 0x73:	/* SET_IND_ADAPTER */
	case 0x83:	/* SET_VIRTIO_REV */
		return true;
	default:
		return false;
	}
}

static void write_memory(struct user *user, uint32_t offset, const void *data, uint32_t size)
{
	const uint8_t *from = data;
	uint32_t i;

	for (i = 0; i < size && offset + i < MEM; i++)
		user->c.mem[offset + i] = unsafe(from[i]) ? CMD_NOP : from[i];
}

/* An address for a channel: in the memory, around its ends, or anywhere */
static uint32_t an_address(struct caller *c)
{
	switch (fuzz_below(&c->r, 8)) {
	case 0:
		return fuzz_number(&c->r);
	case 1:
		return IOVA + MEM + fuzz_below(&c->r, 32) - 16;
	case 2:
		return IOVA + fuzz_below(&c->r, 32) - 16;
	case 3:
		return IOVA + fuzz_below(&c->r, AREAS) * AREA + 8 * fuzz_below(&c->r, 12);
	default:
		return IOVA + DATA + 8 * fuzz_below(&c->r, (MEM - DATA) / 8);
	}
}

/* A list of addresses, of both formats; where it is */
static uint32_t an_idal(struct caller *c, struct user *user)
{
	unsigned int n = 1 + fuzz_below(&c->r, fuzz_one_in(&c->r, 16) ? 40 : 4), i;
	uint32_t at = DATA + 8 * fuzz_below(&c->r, 0x1000), words[2];
	bool wide = fuzz_one_in(&c->r, 2);

	for (i = 0; i < n; i++) {
		words[0] = wide ? 0 : an_address(c);
		words[1] = an_address(c);
		/* all but the first begin at a page */
		if (i && fuzz_below(&c->r, 8))
			words[1] &= ~(wide ? 0xfffu : 0x7ffu);
		write_memory(user, at + 8 * i, words, sizeof(words));
	}
	return IOVA + at;
}

/* @right: one that succeeds, if the device is there */
static void write_ccw(struct caller *c, struct user *user, uint32_t at, bool last, bool right)
{
	/* of virtio-ccw, of the terminal, of both, and of none; TIC is the last one */
	static const uint8_t commands[] = {
		CMD_NOP, CMD_SENSE, CMD_SENSE_ID, CMD_SENSE_ID, 0x22, 0x32, 0x72, 0x33,
		0x01, 0x02, 0x05, 0x06, 0x0d, 0x0e, 0x0f, CMD_BAD, 0x00, CMD_TIC,
	};
	static const uint8_t flags[] = {
		F_DC, F_SKIP, F_IDA, F_IDA, F_MIDA, F_SUSPEND, F_SLI, F_SLI,
	};
	uint8_t command = commands[fuzz_below(&c->r, sizeof(commands))];
	uint16_t count = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : fuzz_below(&c->r, 64);
	uint8_t flag = (last ? 0 : F_CC) | F_SLI * fuzz_below(&c->r, 2);
	uint32_t address;
	uint8_t ccw[8];

	if (!right && fuzz_one_in(&c->r, 2))
		flag |= flags[fuzz_below(&c->r, sizeof(flags))];
	if (!right && fuzz_one_in(&c->r, 24))
		flag = fuzz_next(&c->r);
	address = flag & F_IDA && fuzz_below(&c->r, 8) ? an_idal(c, user) : an_address(c);
	if (right) {
		command = commands[fuzz_below(&c->r, 4)];
		flag |= F_SLI;
		address = IOVA + DATA + 8 * fuzz_below(&c->r, 0x1000);
	}
	if (command == CMD_TIC)
		address = IOVA + at + 8 * fuzz_below(&c->r, 6) - 8;
	ccw[0] = command;
	ccw[1] = flag;
	memcpy(ccw + 2, &count, sizeof(count));
	memcpy(ccw + 4, &address, sizeof(address));
	write_memory(user, at, ccw, sizeof(ccw));
}

static int call_start(struct caller *c)
{
	static const uint32_t bits[] = {
		ORB_SUSPEND, ORB_FMT1, ORB_PREFETCH, ORB_TM, ORB_C64, ORB_2K, ORB_LPM, ORB_MIDAW,
	};
	struct user *user = get_user(a_slot(c));
	uint32_t at = PROG + fuzz_below(&c->r, AREAS) * AREA, orb = ORB, fctl = FCTL_START;
	unsigned int n = 1 + fuzz_below(&c->r, fuzz_one_in(&c->r, 16) ? 300 : 6), i;
	bool right = fuzz_one_in(&c->r, 2);
	struct result r;
	int ret;

	if (!user)
		return -1;
	for (i = 0; i < n; i++)
		write_ccw(c, user, at + 8 * i, i == n - 1, right);
	if (fuzz_one_in(&c->r, 6))
		orb ^= bits[fuzz_below(&c->r, sizeof(bits) / sizeof(bits[0]))];
	if (fuzz_one_in(&c->r, 24))
		orb = fuzz_next(&c->r);
	if (fuzz_one_in(&c->r, 16))
		fctl = fuzz_next(&c->r) & (FCTL_START | FCTL_HALT | FCTL_CLEAR);
	ret = ccw_start(&user->c, orb, fuzz_one_in(&c->r, 16) ? an_address(c) : IOVA + at, fctl);
	if (!ret && fuzz_one_in(&c->r, 2) && ccw_wait(user->c.io, 20))
		ccw_result(&user->c, &r);
	close_user(user);
	return ret;
}

/* Changes a program that another thread may be starting */
static int call_change(struct caller *c)
{
	struct user *user = get_user(a_slot(c));
	uint32_t at = PROG + fuzz_below(&c->r, AREAS) * AREA + 8 * fuzz_below(&c->r, 8);

	if (!user)
		return -1;
	write_ccw(c, user, at, fuzz_one_in(&c->r, 3), fuzz_one_in(&c->r, 3));
	close_user(user);
	return 0;
}

static int call_async(struct caller *c)
{
	struct user *user = get_user(a_slot(c));
	int ret;

	if (!user)
		return -1;
	ret = ccw_async(&user->c, fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) :
			VFIO_CCW_ASYNC_CMD_HSCH << fuzz_below(&c->r, 2));
	close_user(user);
	return ret;
}

static int call_dma(struct caller *c)
{
	struct user *user = get_user(a_slot(c));
	uint64_t at = fuzz_one_in(&c->r, 4) ? fuzz_below(&c->r, MEM / PAGE) * PAGE : 0;
	int ret;

	if (!user)
		return -1;
	if (fuzz_one_in(&c->r, 3))
		ret = user->c.ioas ? call_iommufd(c, user->c.container) :
				     call_type1(c, user->c.container);
	else if (fuzz_one_in(&c->r, 2))
		ret = ccw_unmap(&user->c, IOVA + at, MEM - at);
	else
		ret = ccw_map(&user->c, IOVA, user->c.mem, MEM);
	close_user(user);
	return ret;
}

static struct fuzz_kind kinds[] = {
	{ .name = "create", .weight = 12, .alone = call_create },
	{ .name = "remove", .weight = 1, .alone = call_remove },
	{ .name = "bind", .weight = 2, .alone = call_bind },
	{ .name = "open", .weight = 10, .alone = call_open },
	{ .name = "close", .weight = 1, .alone = call_close },
	{ .name = "read_file", .weight = 3, .alone = call_read_file },
	{ .name = "vary", .weight = 1, .alone = call_vary },
	{ .name = "report", .weight = 2, .alone = call_report },
	{ .name = "eventfd", .weight = 1, .alone = call_eventfd },
	{ .name = "start", .weight = 32, .alone = call_start },
	{ .name = "change", .weight = 10, .alone = call_change },
	{ .name = "async", .weight = 8, .alone = call_async },
	{ .name = "dma", .weight = 5, .alone = call_dma },
	{ .name = "info", .weight = 5, .with = call_info },
	{ .name = "irqs", .weight = 8, .with = call_irqs },
	{ .name = "ioctl", .weight = 5, .with = call_any_ioctl },
	{ .name = "read_write", .weight = 14, .with = call_read_write },
	{ .name = "mmap", .weight = 1, .with = call_mmap },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A duplicate, so that another thread may close the device meanwhile */
static int device(struct caller *c)
{
	struct user *user = get_user(a_slot(c));
	int fd;

	if (!user)
		return -1;
	fd = fcntl(user->c.fd, F_DUPFD_CLOEXEC, 0);
	close_user(user);
	return fd;
}

/* A removal waits until the user has closed, and the user may wait in a removal. */
static void watch(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		let_go(&slots[i].device);
}

/* Whether a device still works, from the driver's probe on */
static bool works(struct slot *s)
{
	struct ccw c = CCW_CLOSED;
	const char *step = "bind";
	int ret = sch_bind(s->sch);

	if (!ret && mdev_there(s->uuid)) {
		step = "remove";
		ret = mdev_remove(s->uuid);
	}
	if (!ret) {
		step = "create";
		ret = mdev_create(s->sch, s->uuid);
	}
	if (!ret) {
		step = "open";
		ret = ccw_open(&c, s->uuid);
	}
	if (!ret) {
		step = "SENSE ID";
		ret = ccw_works(&c);
	}
	if (ret)
		printf("# %s: %s: %s\n", s->devno, step, strerror(-ret));
	ccw_down(&c, s->uuid);
	if (!ret && mdev_available(s->sch) != 1) {
		printf("# %s: %d instances are available, and not 1\n", s->devno,
		       mdev_available(s->sch));
		ret = -EIO;
	}
	return !ret;
}

int main(void)
{
	static const uint32_t indices[] = { 0, 1, 2, 3, 4 };
	struct fuzz fuzz = fuzz_from_env(CALLS, 2);
	struct fuzz_plan plan = {
		.fuzz = &fuzz, .kinds = kinds, .nr_kinds = KINDS, .device = device, .watch = watch,
		.iova = IOVA, .indices = indices, .nr_indices = 5,
	};
	bool good = true;
	unsigned int i;
	long pinned;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("TAP version 13\n1..3");
	for (i = 0; i < SLOTS; i++) {
		int ret = sch_find(slots[i].devno, slots[i].sch);

		if (!ret)
			ret = sch_bind(slots[i].sch);
		if (ret) {
			printf("Bail out! %s is not there: %s\n", slots[i].devno, strerror(-ret));
			return 1;
		}
	}
	reports = !crw_ready();
	fuzz_run(&plan);
	puts("ok 1 fuzz.calls");
	for (i = 0; i < SLOTS; i++)
		set_user(&slots[i].device, NULL);
	chp_vary(true);
	css_settle(60);
	for (i = 0; i < SLOTS; i++)
		good &= works(&slots[i]);
	pinned = locked_kib();
	printf("%sok 2 fuzz.devices\n", good ? "" : "not ");
	printf("%sok 3 fuzz.pages\n", pinned ? "not " : "");
	good &= !pinned;
	for (i = 0; i < SLOTS; i++)
		sch_release(slots[i].sch);
	return !good;
}
