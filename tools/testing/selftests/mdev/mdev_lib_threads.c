// SPDX-License-Identifier: GPL-2.0-only
/* Threads that start together, rounds and time, see mdev_lib.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "mdev_lib.h"

void thread_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

struct crowd {
	pthread_barrier_t gate;
	struct rounds *rounds;
	bool more;
	void (*before)(unsigned int round, void *arg);
	void (*fn)(unsigned int who, void *arg);
	void (*after)(unsigned int round, void *arg);
	void *arg;
};

struct crowd_member {
	struct crowd *crowd;
	unsigned int who;
};

static void *crowd_thread(void *arg)
{
	struct crowd_member *m = arg;
	struct crowd *c = m->crowd;
	unsigned int round;

	for (round = 0;; round++) {
		/* the other threads read c->more between the two waits only */
		if (m->who == 0)
			c->more = rounds_next(c->rounds);
		if (m->who == 0 && c->more && c->before)
			c->before(round, c->arg);
		pthread_barrier_wait(&c->gate);
		if (!c->more)
			break;
		c->fn(m->who, c->arg);
		pthread_barrier_wait(&c->gate);
		if (m->who == 0 && c->after)
			c->after(round, c->arg);
	}
	return NULL;
}

static void crowd_go(struct crowd *crowd, unsigned int n)
{
	struct crowd_member members[CROWD_MAX];
	pthread_t threads[CROWD_MAX];
	unsigned int i;

	if (n > CROWD_MAX)
		abort();
	pthread_barrier_init(&crowd->gate, NULL, n);
	for (i = 0; i < n; i++) {
		members[i] = (struct crowd_member){ .crowd = crowd, .who = i };
		if (pthread_create(&threads[i], NULL, crowd_thread, &members[i]))
			abort();
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&crowd->gate);
}

void crowd_run(unsigned int n, void (*fn)(unsigned int who, void *arg), void *arg)
{
	struct rounds once = { .wanted = 1 };
	struct crowd crowd = { .rounds = &once, .fn = fn, .arg = arg };

	crowd_go(&crowd, n);
}

void crowd_rounds(unsigned int n, struct rounds *rounds,
		  void (*before)(unsigned int round, void *arg),
		  void (*fn)(unsigned int who, void *arg),
		  void (*after)(unsigned int round, void *arg), void *arg)
{
	struct crowd crowd = {
		.rounds = rounds, .before = before, .fn = fn, .after = after, .arg = arg,
	};

	crowd_go(&crowd, n);
}

unsigned int scaled(unsigned int n)
{
	const char *percent = getenv("MDEV_TEST_SCALE");
	unsigned long s = percent ? strtoul(percent, NULL, 10) : 100;
	unsigned long r = n * s / 100;

	return r ? r : 1;
}

struct rounds rounds_scaled(unsigned int n)
{
	return rounds_start(scaled(n), getenv("MDEV_TEST_SECONDS"));
}

void msleep(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}
