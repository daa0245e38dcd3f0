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
 * Several threads may take rounds from the same struct. rounds_end() is in mdev_harness.h.
 */
#ifndef MDEV_ROUNDS_H
#define MDEV_ROUNDS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A time limit must leave so many rounds: fewer would prove nothing. A test may set less. */
#define ROUNDS_MIN 10

struct rounds {
	unsigned int wanted;
	unsigned int taken;	/* may end above wanted, by one for each thread */
	unsigned int min;	/* with fewer, the test fails */
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
	if (r->limit > 0 && rounds_now() - r->start >= r->limit)
		return false;
	return __atomic_fetch_add(&r->taken, 1, __ATOMIC_RELAXED) < r->wanted;
}

static inline unsigned int rounds_done(const struct rounds *r)
{
	return r->taken < r->wanted ? r->taken : r->wanted;
}

#endif /* MDEV_ROUNDS_H */
