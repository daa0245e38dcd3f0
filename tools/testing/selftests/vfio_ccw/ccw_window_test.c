// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races in windows that mdev_window.ko holds open, and functions of css that it makes fail
 *
 * The stock driver crashes or hangs in some of these: each has a boot of its own there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "ccw_lib.h"

FIXTURE(window)
{
	struct ccw c;
	char sch[NAME];
};

FIXTURE_SETUP(window)
{
	const char *why = window_pause("cio_enable_subchannel", "nobody", 1);

	self->c = CCW_CLOSED;
	if (why)
		SKIP(return, "%s", why);
	window_close();
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
}

FIXTURE_TEARDOWN(window)
{
	window_close();
	ccw_down(&self->c, UUID);
}

static void *unmaps(void *arg)
{
	struct ccw *c = arg;

	thread_name("unmaps");
	return (void *)(long)ccw_unmap(c, IOVA, MEM);
}

/*
 * K53: an unmap has found pages of the program pinned, and resets the device; it is closed in
 * between. It must stay closed.
 */
TEST_F(window, unmap_x_close)
{
	const char *why = window_pause("cp_iova_pinned:", "unmaps", 700);
	pthread_t thread;
	void *ret;

	if (why && ccw_ours())
		why = window_pause("vfio_ccw_program_exclude:", "unmaps", 700);
	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(ccw_start_suspended(&self->c), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, unmaps, &self->c), 0);
	EXPECT_TRUE(window_hit(5000));
	ccw_close_fd(&self->c);
	pthread_join(thread, &ret);
	EXPECT_EQ((long)ret, 0);
	window_close();
	ASSERT_EQ(ccw_map(&self->c, IOVA, self->c.mem, MEM), 0);
	ASSERT_EQ(ccw_reopen_fd(&self->c, UUID), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
	EXPECT_TRUE(sch_driver_is(self->sch, "vfio_ccw"));
}

/* K58: the interrupt of a program is on its way to the user while the device is reset. */
TEST_F(window, interrupt_x_reset)
{
	const char *why = window_pause("eventfd_signal_mask", "*", 400);

	if (why)
		SKIP(return, "%s", why);
	ccw_put(&self->c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	ASSERT_EQ(ccw_start(&self->c, ORB, IOVA + PROG, FCTL_START), 0);
	EXPECT_TRUE(window_hit(2000));
	ASSERT_EQ(ccw_reset(&self->c), 0);
	/* an interrupt from before the reset may be here, but none comes any more */
	ccw_wait(self->c.io, 0);
	EXPECT_EQ(ccw_wait(self->c.io, 1500), 0);
	window_close();
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/*
 * K48: a program is started after the interrupt of a halt, and before the driver has handled that.
 * Its pages stay pinned.
 */
TEST_F(window, late_halt)
{
	const char *why = window_pause("vfio_ccw_sch_io_todo", "*", 500);
	long before = locked_kib();
	int ret = -EBUSY;

	/* this project's driver has no such function: it handles all of the interrupt at once */
	if (why && !ccw_ours())
		SKIP(return, "%s", why);
	if (ccw_iommufd())
		SKIP(return, "iommufd does not count the pages of this process");
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_HSCH), 0);
	if (!why)
		EXPECT_TRUE(window_hit(2000));
	/* the halt may still be going on */
	for (int i = 0; ret == -EBUSY && i < 100; i++, ms(10))
		ret = ccw_start_suspended(&self->c);
	ASSERT_EQ(ret, 0);
	EXPECT_GT(locked_kib(), before);
	EXPECT_EQ(ccw_wait(self->c.io, 3000), 1);
	ms(200);
	EXPECT_GT(locked_kib(), before);
	window_close();
	ASSERT_EQ(ccw_async(&self->c, VFIO_CCW_ASYNC_CMD_CSCH), 0);
	ASSERT_EQ(ccw_wait(self->c.io, 5000), 1);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

/* Whether the kernel's log has an error of the driver about a subchannel. */
static bool error_about(const char *sch)
{
	int size = klogctl(10, NULL, 0);
	char *text = malloc(size + 1), *line, *save;
	bool found = false;
	int n = text ? klogctl(3, text, size) : -1;

	if (n < 0)
		return false;
	text[n] = 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		found |= line[0] == '<' && line[1] <= '3' && line[2] == '>' &&
			 strstr(line, "vfio_ccw") && strstr(line, sch + strlen("0.0."));
	free(text);
	return found;
}

static pid_t close_elsewhere(struct ccw *c)
{
	pid_t pid = fork();

	/* the child has the last descriptor of the device: it is closed by its exit */
	if (!pid) {
		ccw_close_fd(c);
		_exit(0);
	}
	ccw_close_fd(c);
	return pid;
}

/* K57: a subchannel that neither stops nor is disabled stays ours, and the console tells it. */
static void does_not_stop(struct __test_metadata *_metadata, struct ccw *c, char sch[NAME],
			  bool in_flight)
{
	const char *why = window_instead("cio_disable_subchannel", "*", -EBUSY);
	pid_t pid;
	int ret;

	if (!why)
		why = window_instead("cio_cancel_halt_clear", "*", -EBUSY);
	if (why)
		SKIP(return, "%s", why);
	if (in_flight)
		ASSERT_EQ(ccw_start_suspended(c), 0);
	pid = close_elsewhere(c);
	EXPECT_EQ(ended(pid, 40000), 0) TH_LOG("close takes more than 40 s");
	EXPECT_TRUE(sch_there(sch));
	EXPECT_TRUE(sch_driver_is(sch, "vfio_ccw"));
	EXPECT_TRUE(error_about(sch)) TH_LOG("no error message about %s", sch);
	/* it stops at last: removal disables it */
	window_close();
	ended(pid, 10000);
	ccw_close(c);
	ret = ended(sch_unbind_elsewhere(sch), 15000);
	EXPECT_EQ(ret, 0);
	EXPECT_TRUE(sch_there(sch));
	ASSERT_EQ(ccw_up(c, BLK1, UUID, sch), 0);
	EXPECT_EQ(ccw_works(c), 0);
}

TEST_F(window, idle_does_not_stop)
{
	does_not_stop(_metadata, &self->c, self->sch, false);
}

TEST_F(window, program_does_not_stop)
{
	does_not_stop(_metadata, &self->c, self->sch, true);
}

/* Binds io_subchannel without waiting for css, which may be in the window. */
static void bind_default(const char *sch)
{
	char path[512];

	snprintf(path, sizeof(path), CSS "/devices/%s/driver_override", sch);
	put(path, "\n");
	put(CSS "/drivers_probe", sch);
}

static int run_on(int pid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return sched_setaffinity(pid, sizeof(cpus), &cpus);
}

/* The process ID of a kernel thread, or -1. */
static int thread_of(const char *name)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char text[32];
	int pid = -1;

	while (dir && pid < 0 && (entry = readdir(dir))) {
		char path[300];

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (atoi(entry->d_name) && get(path, text, sizeof(text)) > 0 &&
		    !strncmp(text, name, strlen(name)))
			pid = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return pid;
}

/*
 * K61: css has called the driver for an event, and the subchannel goes to another driver before the
 * first instruction is executed. The late call finds the device gone, and must not care.
 */
TEST_F(window, late_event)
{
	const char *why = window_pause("vfio_ccw_sch_event", "kmcheck", 8000);
	double begin;

	if (!why)
		why = window_instead("cio_update_schib", "kmcheck", -ENODEV);
	if (why)
		SKIP(return, "%s", why);
	if (crw_ready())
		SKIP(return, "the kernel has no CONFIG_CIO_INJECT");
	/* the window keeps one CPU, with interrupts off */
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	ASSERT_EQ(run_on(thread_of("kmcheck"), 0), 0);
	ASSERT_EQ(run_on(0, 1), 0);
	ccw_down(&self->c, UUID);
	ASSERT_EQ(crw_inject(RSC_SCH, ERC_IPARM, strtol(self->sch + 4, NULL, 16)), 0);
	ASSERT_TRUE(window_hit(5000));
	begin = now();
	ASSERT_EQ(sch_unbind(self->sch), 0);
	bind_default(self->sch);
	EXPECT_TRUE(sch_driver_is(self->sch, "io_subchannel"));
	/* otherwise the call was not late */
	ASSERT_LT(now() - begin, 7) TH_LOG("the machine is too slow for this window");
	ms(9000);
	window_close();
	EXPECT_EQ(css_settle(60), 0);
	EXPECT_TRUE(sch_there(self->sch));
	EXPECT_TRUE(sch_driver_is(self->sch, "io_subchannel"));
	ASSERT_EQ(ccw_up(&self->c, BLK1, UUID, self->sch), 0);
	EXPECT_EQ(ccw_works(&self->c), 0);
}

TEST_HARNESS_MAIN
