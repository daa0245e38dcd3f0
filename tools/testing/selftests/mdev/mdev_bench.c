// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_bench: the time of a create and a remove with few and with many mdevs present
 *
 * MDEV_BENCH_PRESENT has the numbers present, in ascending order; by default "1 1000 10000".
 * Prints a line for each of them:
 *   @bench column=C present=N rounds=R pairs=P seconds=S rate=MEDIAN min=MIN max=MAX exist=E
 *	bytes=B		(on the same line)
 * seconds is the time of all rounds; rate, min and max are pairs per second of the median, slowest
 * and fastest round. On a busy machine the fastest is the most reliable. exist is the number of
 * creates per second that fail because the UUID exists. bytes is the kernel memory of each mdev
 * present, 0 for the first line. N counts the mdevs that stay, without the one that is created and
 * removed. Then
 *   @bench_end column=C present=N seconds=S waited=W
 * is the time of mdev_unregister_parent() with all of them, and the longest create or remove on
 * another parent meanwhile, in milliseconds. Needs mdev_test.ko. MDEV_TEST_SCALE (percent) scales
 * the pairs of a round.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mdev_lib.h"

#define ROUNDS	15
#define PAIRS	150

#define SIZES	8

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
	double start = rounds_now();
	unsigned int i;

	for (i = 0; i < pairs; i++) {
		struct uuid u = uuid_new();

		if (pwrite(create, u.s, UUID_LEN, 0) != UUID_LEN)
			must(-errno, "create");
		must(mdev_remove(u.s), "remove");
	}
	return rounds_now() - start;
}

/* Creates per second of a UUID that exists */
static double refused_rate(int create, const char *uuid, unsigned int tries)
{
	double start = rounds_now();
	unsigned int i;

	for (i = 0; i < tries; i++)
		must(pwrite(create, uuid, UUID_LEN, 0) < 0 && errno == EEXIST ? 0 : -EPROTO,
		     "refusing a UUID that exists");
	return tries / (rounds_now() - start);
}

/* Memory that the kernel could give to somebody else, in bytes */
static long long memory_available(void)
{
	char text[4096], *line;

	must(file_read("/proc/meminfo", text, sizeof(text)) < 0 ? -EIO : 0, "reading meminfo");
	line = strstr(text, "MemAvailable:");
	must(line ? 0 : -ENOENT, "finding MemAvailable");
	return atoll(line + strlen("MemAvailable:")) * 1024;
}

struct end {
	const char *type;
	double seconds, waited;
	bool over;
};

static void unregister(unsigned int who, void *arg)
{
	struct end *e = arg;

	if (who == 0) {
		e->seconds = rounds_now();
		must(parent_del("bench"), "unregistering");
		e->seconds = rounds_now() - e->seconds;
		__atomic_store_n(&e->over, true, __ATOMIC_RELEASE);
		return;
	}
	while (!__atomic_load_n(&e->over, __ATOMIC_ACQUIRE)) {
		double start = rounds_now(), took;
		struct uuid u = uuid_new();

		must(mdev_create(e->type, u.s), "create on another parent");
		must(mdev_remove(u.s), "remove on another parent");
		took = rounds_now() - start;
		if (took > e->waited)
			e->waited = took;
	}
}

static unsigned int sizes(unsigned int *present)
{
	const char *env = getenv("MDEV_BENCH_PRESENT");
	char list[128], *word, *save;
	unsigned int nr = 0;

	snprintf(list, sizeof(list), "%s", env ? env : "1 1000 10000");
	for (word = strtok_r(list, " ,", &save); word && nr < SIZES;
	     word = strtok_r(NULL, " ,", &save))
		present[nr++] = atoi(word);
	return nr;
}

int main(void)
{
	unsigned int present[SIZES], nr = sizes(present), i, round, there = 0;
	unsigned int pairs = scaled(PAIRS);
	char type[PATH_SIZE], other[PATH_SIZE];
	const char *column = getenv("column") ?: core_name();
	struct end end = { .type = other };
	struct uuid first = uuid_new();
	long long memory;
	int create;

	must(test_parents() ? 0 : -ENOENT, "finding mdev_test.ko");
	must(parents_del_all(), "removing other parents");
	must(parent_new("name=bench max=2000000"), "registering a parent");
	must(parent_new("name=other"), "registering another parent");
	must(parent_type("bench", 0, type) ? 0 : -ENOENT, "finding its type");
	must(parent_type("other", 0, other) ? 0 : -ENOENT, "finding the other type");
	create = open(path_of("%s/create", type), O_WRONLY | O_CLOEXEC);
	must(create < 0 ? -errno : 0, "opening the file create");
	/* what the first mdev allocates for all of them is no memory of an mdev */
	must(mdev_create(type, first.s), "creating the first mdev");
	there = 1;
	memory = memory_available();

	for (i = 0; i < nr; i++) {
		double took[ROUNDS], all = 0, bytes = 0;

		for (; there < present[i]; there++) {
			struct uuid u = uuid_new();

			must(pwrite(create, u.s, UUID_LEN, 0) == UUID_LEN ? 0 : -errno,
			     "creating the mdevs that stay");
		}
		if (there > 1)
			bytes = (memory - memory_available()) / (double)(there - 1);
		/* warm up */
		round_of(create, pairs / 4 + 1);
		for (round = 0; round < ROUNDS; round++) {
			took[round] = round_of(create, pairs);
			all += took[round];
		}
		qsort(took, ROUNDS, sizeof(took[0]), ascending);
		printf("@bench column=%s present=%u rounds=%d pairs=%u seconds=%.3f "
		       "rate=%.0f min=%.0f max=%.0f exist=%.0f bytes=%.0f\n",
		       column, present[i], ROUNDS, pairs, all, pairs / took[ROUNDS / 2],
		       pairs / took[ROUNDS - 1], pairs / took[0],
		       refused_rate(create, first.s, pairs), bytes);
		fflush(stdout);
	}
	close(create);
	crowd_run(2, unregister, &end);
	printf("@bench_end column=%s present=%u seconds=%.3f waited=%.1f\n", column, there,
	       end.seconds, end.waited * 1000);
	must(parent_del("other"), "unregistering the other parent");
	must(mdev_count() ? -EBUSY : 0, "removing all mdevs");
	return 0;
}
