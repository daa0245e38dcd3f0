// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_bench: the time of a create and a remove with 1, 100, 1,000 and 10,000 mdevs present
 *
 * Prints a line for each number present:
 *   @bench column=C present=N rounds=R pairs=P seconds=S rate=MEDIAN min=MIN max=MAX
 * seconds is the time of all rounds; rate, min and max are pairs per second of the median, slowest
 * and fastest round. On a busy machine the fastest is the most reliable. N counts the mdevs that
 * stay, without the one that is created and removed. Needs mdev_test.ko. MDEV_TEST_SCALE (percent)
 * scales the pairs of a round.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mdev_lib.h"

#define ROUNDS	15
#define PAIRS	150

static const unsigned int present[] = { 1, 100, 1000, 10000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void must(int ret, const char *what)
{
	if (!ret)
		return;
	say("mdev_bench: %s failed: %s", what, strerror(-ret));
	exit(1);
}

/* One round: a loop in one thread, with the file "create" open all the time */
static double round_of(int create, unsigned int pairs)
{
	double start = now();
	unsigned int i;

	for (i = 0; i < pairs; i++) {
		struct uuid u = uuid_new();

		if (pwrite(create, u.s, UUID_LEN, 0) != UUID_LEN)
			must(-errno, "create");
		must(mdev_remove(u.s), "remove");
	}
	return now() - start;
}

int main(void)
{
	const char *column = getenv("column");
	unsigned int i, round, there = 0, pairs = scaled(PAIRS);
	char type[PATH_SIZE];
	int create;

	must(test_parents() ? 0 : -ENOENT, "finding mdev_test.ko");
	must(parents_del_all(), "removing other parents");
	must(parent_new("name=bench max=20000"), "registering a parent");
	must(parent_type("bench", 0, type) ? 0 : -ENOENT, "finding its type");
	create = open(path_of("%s/create", type), O_WRONLY | O_CLOEXEC);
	must(create < 0 ? -errno : 0, "opening the file create");

	for (i = 0; i < sizeof(present) / sizeof(present[0]); i++) {
		double took[ROUNDS], all = 0;

		for (; there < present[i]; there++)
			must(mdev_create(type, uuid_new().s), "creating the mdevs that stay");
		/* warm up */
		round_of(create, pairs / 4 + 1);
		for (round = 0; round < ROUNDS; round++) {
			took[round] = round_of(create, pairs);
			all += took[round];
		}
		qsort(took, ROUNDS, sizeof(took[0]), ascending);
		printf("@bench column=%s present=%u rounds=%d pairs=%u seconds=%.3f "
		       "rate=%.0f min=%.0f max=%.0f\n",
		       column ? column : core_name(), present[i], ROUNDS, pairs, all,
		       pairs / took[ROUNDS / 2], pairs / took[ROUNDS - 1], pairs / took[0]);
		fflush(stdout);
	}
	close(create);
	must(parent_del("bench"), "unregistering with 10,000 mdevs");
	must(mdev_count() ? -EBUSY : 0, "removing all mdevs");
	return 0;
}
