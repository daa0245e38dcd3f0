/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls that can be repeated
 *
 * Call N of thread T draws its numbers from a generator of its own, which begins with the seed, T
 * and N. To leave calls out does not change the others: that is how a failure is made small.
 *
 *	$FUZZ_SEED	the seed, 1 by default
 *	$FUZZ_CALLS	the calls of each thread
 *	$FUZZ_THREADS	threads that call at the same time
 *	$FUZZ_ONLY	makes only these calls: numbers and ranges, as 3,7-9
 */
#ifndef MDEV_FUZZ_H
#define MDEV_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FUZZ_RANGES 256
#define FUZZ_PAGE 4096UL

struct fuzz {
	uint64_t seed;
	unsigned int calls, threads, ranges;
	struct { unsigned int first, last; } only[FUZZ_RANGES];
};

struct fuzz_rng {
	uint64_t state;
};

static inline unsigned long fuzz_env(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : otherwise;
}

/* Reads the variables above. Aborts if $FUZZ_ONLY cannot be read. */
static inline struct fuzz fuzz_from_env(unsigned int calls, unsigned int threads)
{
	struct fuzz f = {
		.seed = fuzz_env("FUZZ_SEED", 1),
		.calls = fuzz_env("FUZZ_CALLS", calls),
		.threads = fuzz_env("FUZZ_THREADS", threads),
	};
	const char *text = getenv("FUZZ_ONLY");
	char *end;

	for (; text && *text && f.ranges < FUZZ_RANGES; f.ranges++) {
		f.only[f.ranges].first = strtoul(text, &end, 10);
		f.only[f.ranges].last = f.only[f.ranges].first;
		if (end != text && *end == '-')
			f.only[f.ranges].last = strtoul(end + 1, &end, 10);
		if (end == text || (*end && *end != ',')) {
			printf("# FUZZ_ONLY=%s: '%s' is no number\n", getenv("FUZZ_ONLY"), text);
			abort();
		}
		text = *end ? end + 1 : end;
	}
	return f;
}

/* Whether the call is made. */
static inline bool fuzz_makes(const struct fuzz *f, unsigned int call)
{
	unsigned int i;

	for (i = 0; i < f->ranges; i++)
		if (call >= f->only[i].first && call <= f->only[i].last)
			return true;
	return !f->ranges;
}

/* SplitMix64 (Steele, Lea, Flood 2014): any start gives independent numbers */
static inline uint64_t fuzz_next(struct fuzz_rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline struct fuzz_rng fuzz_rng(const struct fuzz *f, unsigned int thread, unsigned int call)
{
	struct fuzz_rng r = { f->seed };

	r.state = fuzz_next(&r) + thread;
	r.state = fuzz_next(&r) + call;
	return r;
}

/* A number below n, which is not 0 */
static inline unsigned int fuzz_below(struct fuzz_rng *r, unsigned int n)
{
	return fuzz_next(r) % n;
}

/* In one of n cases */
static inline bool fuzz_one_in(struct fuzz_rng *r, unsigned int n)
{
	return !fuzz_below(r, n);
}

/* A number where mistakes are: small, near a power of two, near the end of a type, or any */
static inline uint64_t fuzz_number(struct fuzz_rng *r)
{
	switch (fuzz_below(r, 4)) {
	case 0:
		return fuzz_below(r, 17);
	case 1:
		return (1ULL << fuzz_below(r, 64)) + fuzz_below(r, 3) - 1;
	case 2:
		return (fuzz_one_in(r, 2) ? UINT32_MAX : UINT64_MAX) - fuzz_below(r, 16);
	default:
		return fuzz_next(r);
	}
}

/* A number around a limit, or within it, or any */
static inline uint64_t fuzz_near(struct fuzz_rng *r, uint64_t limit)
{
	switch (fuzz_below(r, 4)) {
	case 0:
		return limit + fuzz_below(r, 9) - 4;
	case 1:
		return fuzz_number(r);
	default:
		return limit ? fuzz_next(r) % limit : 0;
	}
}

static inline void fuzz_fill(struct fuzz_rng *r, void *buf, size_t size)
{
	unsigned char *p = buf;

	while (size--)
		*p++ = fuzz_next(r);
}

/*
 * Places data for a call that takes a pointer: where the next byte is not mapped, so that a call
 * that reads too much fails; seldom behind that, or at an address that is none.
 */
static inline void *fuzz_place(struct fuzz_rng *r, void *guard, const void *data, size_t size)
{
	char *end = (char *)guard + FUZZ_PAGE;

	switch (fuzz_below(r, 24)) {
	case 0:
		return (void *)(uintptr_t)fuzz_number(r);
	case 1:
		return end - size / 2;
	default:
		memcpy(end - size, data, size);
		return end - size;
	}
}

/* A page for fuzz_place(), with one behind it that nobody may touch; for one thread */
static inline void *fuzz_guard(void)
{
	char *p = mmap(NULL, 2 * FUZZ_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED || mprotect(p + FUZZ_PAGE, FUZZ_PAGE, PROT_NONE))
		abort();
	return p;
}

#endif /* MDEV_FUZZ_H */
