// SPDX-License-Identifier: GPL-2.0-only
/* Threads that start together, and time, see mdev_lib.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "mdev_lib.h"

struct crowd {
	pthread_barrier_t gate;
	unsigned int rounds;
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

	for (round = 0; round < c->rounds; round++) {
		if (m->who == 0 && c->before)
			c->before(round, c->arg);
		pthread_barrier_wait(&c->gate);
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
	struct crowd crowd = { .rounds = 1, .fn = fn, .arg = arg };

	crowd_go(&crowd, n);
}

void crowd_rounds(unsigned int n, unsigned int rounds,
		  void (*before)(unsigned int round, void *arg),
		  void (*fn)(unsigned int who, void *arg),
		  void (*after)(unsigned int round, void *arg), void *arg)
{
	struct crowd crowd = {
		.rounds = rounds, .before = before, .fn = fn, .after = after, .arg = arg,
	};

	crowd_go(&crowd, n);
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
