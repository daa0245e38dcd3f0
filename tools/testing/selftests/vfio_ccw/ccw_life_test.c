// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life cycle: bind, create, open, close, remove, unbind, in each state of a device
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../mdev/mdev_harness.h"
#include "ccw_lib.h"

FIXTURE(life)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_SETUP(life)
{
	self->c = CCW_CLOSED;
	ASSERT_EQ(sch_find(BLK1, self->sch), 0);
	ASSERT_EQ(sch_bind(self->sch), 0);
}

FIXTURE_TEARDOWN(life)
{
	ccw_down(&self->c, UUID);
}

TEST_F(life, bind_and_back)
{
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(sch_release(self->sch), 0);
		EXPECT_TRUE(sch_driver_is(self->sch, "io_subchannel"));
		EXPECT_TRUE(there("/sys/bus/ccw/devices/" BLK1));
		ASSERT_EQ(sch_bind(self->sch), 0);
		EXPECT_TRUE(sch_driver_is(self->sch, "vfio_ccw"));
		EXPECT_FALSE(there("/sys/bus/ccw/devices/" BLK1));
	}
}

TEST_F(life, type)
{
	char path[256], text[64];

	snprintf(path, sizeof(path), CSS "/devices/%s/mdev_supported_types/vfio_ccw-io/device_api",
		 self->sch);
	ASSERT_GT(get(path, text, sizeof(text)), 0);
	EXPECT_STREQ(text, "vfio-ccw");
	EXPECT_EQ(mdev_available(self->sch), 1);
}

TEST_F(life, one_mdev_at_a_time)
{
	int ret;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		EXPECT_EQ(mdev_available(self->sch), 0);
		/* EPERM: stock drivers before 6.1 count instances themselves */
		ret = mdev_create(self->sch, UUID2);
		EXPECT_TRUE(ret == -EUSERS || ret == -EPERM) TH_LOG("create returned %d", ret);
		ASSERT_EQ(mdev_remove(UUID), 0);
		EXPECT_EQ(mdev_available(self->sch), 1);
	}
}

TEST_F(life, create_and_remove)
{
	for (int i = 0; i < 30; i++) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(mdev_remove(UUID), 0);
	}
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(life, open_and_close)
{
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(ccw_open(&self->c, UUID), 0);
		EXPECT_EQ(ccw_works(&self->c), 0);
		ccw_close(&self->c);
		ASSERT_TRUE(sch_there(self->sch));
	}
}

/* Only the device is closed, group and container stay open. */
TEST_F(life, close_in_flight)
{
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		ccw_close_fd(&self->c);
		ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
}

/* A new user does not see results of the previous one. */
TEST_F(life, nothing_left_for_the_next_user)
{
	struct result r;

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_works(&self->c), 0);
	ccw_close_fd(&self->c);
	self->c.fd = ccw_open_fd(&self->c, UUID);
	ASSERT_GE(self->c.fd, 0);
	ASSERT_EQ(ccw_result(&self->c, &r), 0);
	EXPECT_EQ(r.stctl, 0);
	/* its interrupts do not signal the eventfd of the previous user */
	ccw_wait(self->c.io, 0);
	ccw_put(&self->c, PROG, CMD_NOP, F_SLI, 1, IOVA + DATA);
	ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_EQ(ccw_wait(self->c.io, 200), 0);
}

/* K60: neither does it see the commands of the previous one. */
TEST_F(life, commands_of_the_last_user)
{
	struct ccw_cmd_region cmd = {};

	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	ccw_close_fd(&self->c);
	ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
	ASSERT_EQ(pread(self->c.fd, &cmd, sizeof(cmd), 1 << 10), (ssize_t)sizeof(cmd));
	EXPECT_EQ(cmd.command, 0);
}

/* The id of a new eventfd, which is the lowest free one */
static int eventfd_number(void)
{
	int efd = eventfd(0, 0), number = -1;
	char path[64], text[256], *id;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", efd);
	if (get(path, text, sizeof(text)) > 0) {
		id = strstr(text, "eventfd-id:");
		if (id)
			number = atoi(id + strlen("eventfd-id:"));
	}
	close(efd);
	return number;
}

/* An eventfd that the driver does not put keeps its id in use. */
TEST_F(life, eventfds_are_given_back)
{
	int before = eventfd_number();

	if (before < 0)
		SKIP(return, "the kernel does not number eventfds");
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
		ccw_down(&self->c, UUID);
		ASSERT_EQ(sch_unbind(self->sch), 0);
	}
	EXPECT_LT(eventfd_number(), before + 20);
}

/*
 * Whole lives of a device, with I/O: $cycles of them, 200 by default. At the end of a boot,
 * kmemleak looks for memory that they left.
 */
TEST_F_TIMEOUT(life, many_cycles, 3 * MANY)
{
	struct rounds rounds = rounds_start(atoi(getenv("cycles") ?: "200"), getenv("seconds"));

	for (int i = 0; rounds_next(&rounds); i++) {
		ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
		ASSERT_EQ(ccw_works(&self->c), 0);
		if (i & 1)
			ASSERT_EQ(ccw_start_suspended(&self->c), 0);
		if (i & 2)
			ASSERT_EQ(ccw_reset(&self->c), 0);
		ccw_down(&self->c, UUID);
	}
	rounds_end(_metadata, &rounds);
}

static int in_child(const char *uuid, bool kill_it)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct ccw c;

		if (ccw_open(&c, uuid) || ccw_start_suspended(&c))
			_exit(1);
		if (kill_it)
			raise(SIGKILL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

TEST_F(life, exit_in_flight)
{
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	for (int i = 0; i < 6; i++) {
		ASSERT_EQ(in_child(UUID, i & 1), 0);
	}
	ASSERT_EQ(ccw_open(&self->c, UUID), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Removal of an open device: the user gets a request, I/O still works, close ends the removal. */

FIXTURE(leave)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_VARIANT(leave)
{
	bool unbind;
};

FIXTURE_VARIANT_ADD(leave, remove) { .unbind = false };
FIXTURE_VARIANT_ADD(leave, unbind) { .unbind = true };

FIXTURE_SETUP(leave)
{
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(leave)
{
	ccw_down(&self->c, UUID);
}

static pid_t leave(const char *sch, bool unbind)
{
	return unbind ? sch_unbind_elsewhere(sch) : mdev_remove_elsewhere(UUID);
}

TEST_F(leave, while_open)
{
	pid_t pid = leave(self->sch, variant->unbind);

	EXPECT_EQ(ccw_asked(&self->c, 10000), 1);
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
	EXPECT_EQ(ccw_reset(&self->c), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
	EXPECT_EQ(ended(pid, 50), -ETIMEDOUT);
	ccw_close(&self->c);
	EXPECT_EQ(ended(pid, 15000), 0);
	EXPECT_FALSE(mdev_there(UUID));
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Close halts the program; that interrupt must be delivered although removal has begun. */
TEST_F(leave, in_flight)
{
	double begin;
	pid_t pid;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	pid = leave(self->sch, variant->unbind);
	ASSERT_EQ(ccw_asked(&self->c, 10000), 1);
	begin = now();
	ccw_close(&self->c);
	/* a close that misses the interrupt waits for 3 seconds or more */
	EXPECT_LT(now() - begin, 2.5);
	EXPECT_EQ(ended(pid, 15000), 0);
	EXPECT_FALSE(mdev_there(UUID));
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(leave, when_the_user_dies_in_flight)
{
	pid_t pid;

	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	pid = leave(self->sch, variant->unbind);
	ms(50);
	ccw_close(&self->c);
	EXPECT_EQ(ended(pid, 15000), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Without an eventfd for requests, removal works the same. */
TEST_F(leave, without_request_eventfd)
{
	pid_t pid;

	if (self->c.irqs <= VFIO_CCW_REQ_IRQ_INDEX)
		SKIP(return, "the driver has no request interrupt");
	ASSERT_EQ(ccw_irq(&self->c, VFIO_CCW_REQ_IRQ_INDEX, -1), 0);
	pid = leave(self->sch, variant->unbind);
	ms(100);
	EXPECT_EQ(ccw_works(&self->c), 0);
	ccw_close(&self->c);
	EXPECT_EQ(ended(pid, 15000), 0);
}

/* the module */

TEST_F(life, rmmod_while_open)
{
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_NE(sh("rmmod vfio_ccw 2>/dev/null"), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_F(life, rmmod_with_mdev)
{
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(mdev_create(self->sch, UUID), 0);
		ASSERT_EQ(ccw_open(&self->c, UUID), 0);
		ccw_close(&self->c);
		ASSERT_EQ(sh("rmmod vfio_ccw"), 0);
		EXPECT_FALSE(mdev_there(UUID));
		ASSERT_EQ(sh("load vfio_ccw"), 0);
		ASSERT_EQ(sch_bind(self->sch), 0);
	}
}

/*
 * Fault injection: each allocation fails once. The loops follow the fail-nth example in
 * Documentation/fault-injection/fault-injection.rst.
 */

static int fail_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	return put("/proc/thread-self/fail-nth", text);
}

/* True if there was an nth allocation */
static bool fail_hit(void)
{
	char text[16] = "";

	get("/proc/thread-self/fail-nth", text, sizeof(text));
	fail_nth(0);
	return !strcmp(text, "0");
}

static bool fail_ready(void)
{
	if (!there("/sys/kernel/debug/failslab") || !there("/proc/thread-self/fail-nth"))
		return false;
	put("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/failslab/verbose", getenv("FAULT_STACKS") ? "2" : "0");
	return true;
}

TEST_F_TIMEOUT(life, create_that_fails, MANY)
{
	bool hit = true;
	int n = 0, failed = 0;

	if (!fail_ready())
		SKIP(return, "the kernel has no failslab");
	while (hit && ++n < 500) {
		int ret;

		ASSERT_EQ(fail_nth(n), 0);
		ret = mdev_create(self->sch, UUID);
		hit = fail_hit();
		if (!ret) {
			/* the kernel could do without that memory: the device must work */
			ret = ccw_open(&self->c, UUID);
			/* devtmpfs ignores errors: /dev/vfio/GROUP may be missing */
			if (ret != -ENOENT) {
				ASSERT_EQ(ret, 0);
				ASSERT_EQ(ccw_works(&self->c), 0);
			}
			ccw_close(&self->c);
			ASSERT_EQ(mdev_remove(UUID), 0);
		} else {
			failed++;
			ASSERT_FALSE(mdev_there(UUID));
		}
		ASSERT_EQ(mdev_available(self->sch), 1) TH_LOG("after failure %d", n);
	}
	EXPECT_GT(failed, 10);
	EXPECT_FALSE(hit);
	TH_LOG("%d injected failures, %d creates failed", n - 1, failed);
}

TEST_F_TIMEOUT(life, open_that_fails, MANY)
{
	bool hit = true;
	int n = 0;

	if (!fail_ready())
		SKIP(return, "the kernel has no failslab");
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	ASSERT_EQ(ccw_open(&self->c, UUID), 0);
	while (hit && ++n < 200) {
		ccw_close_fd(&self->c);
		ASSERT_EQ(fail_nth(n), 0);
		self->c.fd = ccw_open_fd(&self->c, UUID);
		hit = fail_hit();
		if (self->c.fd < 0)
			ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
		ccw_irq(&self->c, VFIO_CCW_IO_IRQ_INDEX, self->c.io);
		ASSERT_EQ(ccw_works(&self->c), 0);
	}
	EXPECT_FALSE(hit);
}

TEST_F_TIMEOUT(life, start_that_fails, MANY)
{
	bool hit = true;
	int n = 0, ret;

	if (!fail_ready())
		SKIP(return, "the kernel has no failslab");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	while (hit && ++n < 200) {
		ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
		ccw_put(&self->c, PROG + 8, CMD_TIC, 0, 0, IOVA + 0x2000);
		ccw_put(&self->c, 0x2000, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA + 0x1000);
		ASSERT_EQ(fail_nth(n), 0);
		ret = ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START);
		hit = fail_hit();
		if (!ret)
			ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
		ASSERT_EQ(ccw_works(&self->c), 0) TH_LOG("after failure %d: %d", n, ret);
	}
	EXPECT_FALSE(hit);
	/* vfio allocates for each page, this driver for the first program only */
	EXPECT_GT(n, 1);
	/* no page is still pinned: unmapping succeeds */
	EXPECT_EQ(ccw_unmap(&self->c, IOVA, MEM), 0);
}

TEST_F_TIMEOUT(life, bind_that_fails, MANY)
{
	bool hit = true;
	int n = 0;

	if (!fail_ready())
		SKIP(return, "the kernel has no failslab");
	while (hit && ++n < 500) {
		if (sch_driver_is(self->sch, "vfio_ccw"))
			ASSERT_EQ(sch_unbind(self->sch), 0);
		ASSERT_EQ(fail_nth(n), 0);
		put(CSS "/drivers/vfio_ccw/bind", self->sch);
		hit = fail_hit();
		/* channel reports without a driver that could handle them */
		if (!crw_ready())
			crw_inject(RSC_SCH, ERC_IPARM, 0);
	}
	EXPECT_FALSE(hit);
	ASSERT_EQ(sch_bind(self->sch), 0);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* messages */

TEST_F(life, messages_are_numbers)
{
	static char text[1 << 16];
	char first[NAME + 8], *line, *save;
	int found = 0;
	ssize_t n;

	put("/sys/kernel/debug/s390dbf/vfio_ccw_msg/level", "6");
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(mdev_create(self->sch, i & 1 ? UUID : UUID2), 0);
		ASSERT_EQ(mdev_remove(i & 1 ? UUID : UUID2), 0);
	}
	/* reuse the freed memory */
	ASSERT_EQ(sch_release(self->sch), 0);
	ASSERT_EQ(sh("ls -lR /sys/devices >/dev/null"), 0);
	n = get("/sys/kernel/debug/s390dbf/vfio_ccw_msg/sprintf", text, sizeof(text));
	put("/sys/kernel/debug/s390dbf/vfio_ccw_msg/level", "2");
	if (n == -ENOENT)
		SKIP(return, "no debugfs");
	ASSERT_GT(n, 0);
	snprintf(first, sizeof(first), "sch 0.%s", self->sch + 2);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		for (char *p = line; *p; p++) {
			ASSERT_TRUE((unsigned char)*p < 127 && (unsigned char)*p >= 9);
		}
		found += strstr(line, "create") && strstr(line, first);
	}
	EXPECT_GE(found, 20);
}

/* Shutdown: the program does not return from it, its result is the console log. */

static void go_down(void)
{
	if (write(1, "@@DONE reboot 0\n@@GUEST end 0\n", 31) < 0)
		return;
	ms(500);
	reboot(RB_AUTOBOOT);
}

TEST_F(life, reboot_bound)
{
	if (!getenv("reboot"))
		SKIP(return, "only on request");
	go_down();
}

TEST_F(life, reboot_created)
{
	if (!getenv("reboot"))
		SKIP(return, "only on request");
	ASSERT_EQ(mdev_create(self->sch, UUID), 0);
	go_down();
}

TEST_F(life, reboot_open)
{
	if (!getenv("reboot"))
		SKIP(return, "only on request");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_works(&self->c), 0);
	go_down();
}

TEST_F(life, reboot_in_flight)
{
	if (!getenv("reboot"))
		SKIP(return, "only on request");
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	go_down();
}

static void *start_with_a_fault(void *arg)
{
	ccw_start(arg, ORB, IOVA + PROG, FCTL_START);
	return NULL;
}

/*
 * A page whose fault does not end: it is read from a disk that lets one byte a second through, the
 * page that is read here first excepted. A page of userfaultfd would not do: type1 pins pages so
 * that a fault which must be tried again fails.
 */
static uint8_t *page_of_slow_disk(void)
{
	size_t size = 8 << 20;
	char name[64];
	uint8_t *disk;
	glob_t found;
	int fd;

	if (sh("[ -e /sys/module/virtio_blk ] || load virtio_blk") ||
	    glob("/sys/bus/ccw/devices/" BLK2 "/virtio*/block/*", 0, NULL, &found))
		return NULL;
	snprintf(name, sizeof(name), "/dev/%s", basename(found.gl_pathv[0]));
	globfree(&found);
	fd = open(name, O_RDONLY);
	disk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (fd < 0 || disk == MAP_FAILED || madvise(disk, size, MADV_RANDOM) ||
	    sh("mon block_set_io_throttle /machine/peripheral/blk2/virtio-backend 0 1 0 0 0 0") ||
	    *(volatile uint8_t *)disk)
		return NULL;
	return disk + size / 2;
}

/*
 * K62: the pages of a program are pinned, and the fault of one of them does not end. No time limit
 * kills this process, which would end the fault.
 */
TEST_F_TIMEOUT(life, reboot_fault, MANY)
{
	pthread_t thread;
	uint8_t *page;

	if (!getenv("reboot"))
		SKIP(return, "only on request");
	page = page_of_slow_disk();
	ASSERT_NE(page, NULL);
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	ASSERT_EQ(ccw_map(&self->c, FAR, page, PAGE), 0);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, FAR);
	ASSERT_EQ(pthread_create(&thread, NULL, start_with_a_fault, &self->c), 0);
	ms(1000);
	/* the start waits for the page */
	ASSERT_EQ(pthread_tryjoin_np(thread, NULL), EBUSY);
	go_down();
}

TEST_HARNESS_MAIN
