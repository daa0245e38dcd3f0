// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for available_instances: poll() and uevents
 *
 * The stock core has neither: a program that waits there reads the file again and again.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define WAIT_MS		5000
#define QUIET_MS	1000

FIXTURE(event)
{
	char type[2][PATH_SIZE];
	int uevents;
};

FIXTURE_SETUP(event)
{
	if (!test_parents())
		SKIP(return, "no mdev_test.ko: its interface is that of 6.1 and later");
	ASSERT_EQ(0, parents_del_all());
	ASSERT_EQ(0, parent_new("name=p0 types=2 max=2"));
	ASSERT_TRUE(parent_type("p0", 0, self->type[0]));
	ASSERT_TRUE(parent_type("p0", 1, self->type[1]));
	self->uevents = uevent_open();
	ASSERT_LE(0, self->uevents);
}

FIXTURE_TEARDOWN(event)
{
	close(self->uevents);
	parents_del_all();
}

static int number(int fd)
{
	char text[16] = "", *end;
	int n;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return AVAILABLE_BAD;
	n = strtol(text, &end, 10);
	return end == text ? AVAILABLE_BAD : n;
}

TEST_F(event, poll_sees_each_change)
{
	struct uuid u = uuid_new();
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = available_open(self->type[i]);
		ASSERT_LE(0, fd[i]);
	}
	/* no change, no event */
	EXPECT_EQ(-ETIMEDOUT, available_wait(fd[0], 300));
	ASSERT_EQ(0, mdev_create(self->type[0], u.s));
	/* the types share the number */
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, available_wait(fd[i], WAIT_MS));
		EXPECT_EQ(1, number(fd[i]));
	}
	ASSERT_EQ(0, mdev_remove(u.s));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, available_wait(fd[i], WAIT_MS));
		EXPECT_EQ(2, number(fd[i]));
		EXPECT_EQ(-ETIMEDOUT, available_wait(fd[i], 300));
		close(fd[i]);
	}
}

TEST_F(event, uevent_when_a_type_runs_out_and_comes_back)
{
	struct uuid u[2] = { uuid_new(), uuid_new() };

	ASSERT_EQ(0, mdev_create(self->type[0], u[0].s));
	EXPECT_EQ(0, uevent_count(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=1", QUIET_MS));
	ASSERT_EQ(0, mdev_create(self->type[0], u[1].s));
	EXPECT_EQ(0, uevent_wait(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=0", WAIT_MS));
	/* one for each type: the other one has come, too */
	EXPECT_EQ(1, uevent_count(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=0", QUIET_MS));
	ASSERT_EQ(0, mdev_remove(u[0].s));
	EXPECT_EQ(0, uevent_wait(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=1", WAIT_MS));
	ASSERT_EQ(0, mdev_remove(u[1].s));
	EXPECT_EQ(0, uevent_count(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=2", QUIET_MS));
}

TEST_F(event, uevent_names_the_type)
{
	struct uuid u[2] = { uuid_new(), uuid_new() };
	const char *name = strrchr(self->type[1], '/') + 1;

	ASSERT_EQ(0, mdev_create(self->type[0], u[0].s));
	ASSERT_EQ(0, mdev_create(self->type[0], u[1].s));
	EXPECT_EQ(0, uevent_wait(self->uevents, "/p0", path_of("MDEV_TYPE=%s", name), WAIT_MS));
}

/* Ten a second at most, whatever happens; the last one has the last number */
TEST_F(event, uevents_are_limited)
{
	struct uuid u[2] = { uuid_new(), uuid_new() };
	const char *name = strrchr(self->type[0], '/') + 1;
	long long start = now_ms(), took;
	int i, changes, out, fd;

	ASSERT_EQ(0, mdev_create(self->type[0], u[0].s));
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, mdev_create(self->type[0], u[1].s));
		ASSERT_EQ(0, mdev_remove(u[1].s));
	}
	took = now_ms() - start;
	changes = uevent_count(self->uevents, "/p0", path_of("MDEV_TYPE=%s", name), QUIET_MS);
	say("@event_limit changes=400 uevents=%d ms=%lld", changes, took);
	EXPECT_LE(changes, took / 100 + 2);
	/* nothing is lost: the state at the end is told */
	ASSERT_EQ(0, mdev_create(self->type[0], u[1].s));
	fd = available_open(self->type[0]);
	EXPECT_EQ(0, uevent_wait(self->uevents, "/p0", "MDEV_AVAILABLE_INSTANCES=0", WAIT_MS));
	out = number(fd);
	EXPECT_EQ(0, out);
	close(fd);
}

/* A waiting program does not hold the parent, and learns of its end by an error of read() */
TEST_F(event, the_parent_goes_while_somebody_waits)
{
	int fd = available_open(self->type[0]);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, mdev_create(self->type[0], uuid_new().s));
	ASSERT_EQ(0, parent_del("p0"));
	EXPECT_EQ(AVAILABLE_BAD, number(fd));
	close(fd);
}

/* A driver that counts by itself: the core asks it after each create and remove */
TEST_F(event, of_a_driver_that_counts_by_itself)
{
	struct uuid u[2] = { uuid_new(), uuid_new() };
	char type[PATH_SIZE];
	int fd;

	ASSERT_EQ(0, parent_new("name=p1 avail=2"));
	ASSERT_TRUE(parent_type("p1", 0, type));
	fd = available_open(type);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, mdev_create(type, u[0].s));
	EXPECT_EQ(0, available_wait(fd, WAIT_MS));
	EXPECT_EQ(1, number(fd));
	ASSERT_EQ(0, mdev_create(type, u[1].s));
	EXPECT_EQ(0, uevent_wait(self->uevents, "/p1", "MDEV_AVAILABLE_INSTANCES=0", WAIT_MS));
	close(fd);
}

TEST_HARNESS_MAIN
