/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rounds of a race: a fixed number of them, or as many as fit into a time limit
 *
 *	struct rounds r = rounds_start(200, getenv("seconds"));
 *
 *	while (rounds_next(&r))
 *		one_round();
 *	rounds_end(_metadata, &r);
 *
 * rounds_end() is in mdev_harness.h. Of several threads, each takes rounds from a copy of its own:
 *
 *	struct rounds each = rounds_start(20, getenv("seconds")), all = rounds_of_all(&each, 8);
 *
 *	struct rounds mine = each;	(in each thread)
 *	while (rounds_next(&mine))
 *		one_round();
 *	rounds_add(&all, &mine);
 */
#ifndef MDEV_ROUNDS_H
#define MDEV_ROUNDS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The least number of rounds that a time limit must leave; a test may set a smaller one. */
#define ROUNDS_MIN 10

struct rounds {
	unsigned int wanted;
	unsigned int done;
	unsigned int min;	/* with fewer rounds, the test fails */
	double start;
	double limit;		/* seconds, 0 for none */
};

static inline double rounds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* seconds: the time limit as text; NULL, "" or "0" for none. Aborts if it is not a number. */
static inline struct rounds rounds_start(unsigned int wanted, const char *seconds)
{
	struct rounds r = {
		.wanted = wanted,
		.min = wanted < ROUNDS_MIN ? wanted : ROUNDS_MIN,
		.start = rounds_now(),
	};
	char *end;

	if (seconds && *seconds) {
		r.limit = strtod(seconds, &end);
		if (*end || !(r.limit >= 0)) {
			dprintf(STDOUT_FILENO, "# '%s' is no number of seconds\n", seconds);
			abort();
		}
	}
	return r;
}

static inline bool rounds_next(struct rounds *r)
{
	if (r->done == r->wanted || (r->limit > 0 && rounds_now() - r->start >= r->limit))
		return false;
	r->done++;
	return true;
}

/* The sum of what so many threads want, for rounds_add() and rounds_end() */
static inline struct rounds rounds_of_all(const struct rounds *each, unsigned int threads)
{
	struct rounds all = *each;

	all.wanted *= threads;
	all.min *= threads;
	return all;
}

static inline void rounds_add(struct rounds *all, const struct rounds *mine)
{
	__atomic_add_fetch(&all->done, mine->done, __ATOMIC_RELAXED);
}

#endif /* MDEV_ROUNDS_H */
