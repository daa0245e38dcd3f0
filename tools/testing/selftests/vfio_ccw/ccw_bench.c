// SPDX-License-Identifier: GPL-2.0-only
/*
 * ccw_bench [N]: time of N round trips of channel programs: write the I/O region, wait for the
 * eventfd, read the region
 *
 * Prints the median of nine rounds for each program: round trips per second and nanoseconds per
 * round trip, by the guest's clock. With qemu -icount shift=0 an instruction takes one nanosecond
 * of that clock, and ns= is the number of instructions per round trip.
 *
 * ccw_bench trace N: QEMU logs each instruction of N round trips (-D FILE), one after another in
 * the order of the lines that this prints. scripts/report/ccw_trace.py reads the log. Before, the
 * times of 20 lives of a device: create and remove an mdev; open, close and remove one that was
 * created before. By the clock of -icount, they are instructions and waits, whatever the host does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ccw_lib.h"

#define ROUNDS	9
#define LIVES	20
/* offsets in the memory: a list of IDAWs, and 64 KiB in 16 pages */
#define IDAL	0x2000u
#define PAGES	0x40000u
#define NR_PAGES	16
#define CHAIN	200

static void put_sense_id(struct ccw *c)
{
	ccw_put(c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
}

static void put_chain(struct ccw *c)
{
	for (unsigned int i = 0; i < CHAIN; i++)
		ccw_put(c, PROG + 8 * i, CMD_SENSE_ID, F_SLI | (i < CHAIN - 1 ? F_CC : 0), 7,
			IOVA + DATA + 16 * i);
}

/* QEMU stores a few bytes only, but the driver translates and pins all of it. */
static void put_idal(struct ccw *c, unsigned int distance)
{
	uint64_t *idaw = (uint64_t *)(c->mem + IDAL);

	for (unsigned int i = 0; i < NR_PAGES; i++)
		idaw[i] = IOVA + PAGES + distance * i;
	ccw_put(c, PROG, CMD_SENSE_ID, F_SLI | F_IDA, 0xffff, IOVA + IDAL);
}

/* a buffer of 64 KiB */
static void put_idaws(struct ccw *c)
{
	put_idal(c, 0x1000);
}

/* pages of which no two are adjacent: the driver can't pin two of them at once */
static void put_idaws_apart(struct ccw *c)
{
	put_idal(c, 0x2000);
}

/* QEMU has no data chaining: it ends such a program with a program check at its first CCW. */
static void put_data_chain(struct ccw *c)
{
	for (unsigned int i = 0; i < NR_PAGES; i++)
		ccw_put(c, PROG + 8 * i, i ? 0 : CMD_SENSE_ID,
			F_SLI | (i < NR_PAGES - 1 ? F_DC : 0), 0x1000,
			IOVA + PAGES + 0x2000 * i);
}

static const struct program {
	const char *name;
	void (*put)(struct ccw *c);
	uint32_t dstat, cstat;
} programs[] = {
	{ "sense_id", put_sense_id, 0x0c, 0 },
	{ "chain_200", put_chain, 0x0c, 0 },
	{ "ida_64k", put_idaws, 0x0c, 0 },
	{ "ida_64k_apart", put_idaws_apart, 0x0c, 0 },
	{ "data_chain_64k", put_data_chain, 0, 0x20 },
};

static void run(struct ccw *c, const struct program *p, int n)
{
	struct result r;

	for (int k = 0; k < n; k++) {
		int ret = ccw_run(c, ORB, IOVA + PROG, &r);

		if (!ret && r.dstat == p->dstat && (r.cstat & ~0x40) == p->cstat)
			continue;
		fprintf(stderr, "ccw_bench: %s: error %d, device status %x, subchannel status %x\n",
			p->name, ret, ret ? 0 : r.dstat, ret ? 0 : r.cstat);
		exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_median(const char *name, double *each, int n)
{
	qsort(each, n, sizeof(*each), compare);
	printf("@bench column=%s program=%s rate=%.0f ns=%.0f min=%.0f max=%.0f\n",
	       getenv("column"), name, 1 / each[n / 2], each[n / 2] * 1e9, each[0] * 1e9,
	       each[n - 1] * 1e9);
}

static void measure(struct ccw *c, const struct program *p, int n)
{
	double each[ROUNDS];

	p->put(c);
	/* warm up */
	run(c, p, n);
	for (int i = 0; i < ROUNDS; i++) {
		double begin = now();

		run(c, p, n);
		each[i] = (now() - begin) / n;
	}
	print_median(p->name, each, ROUNDS);
}

static void fail_on(const char *what, int error)
{
	if (!error)
		return;
	fprintf(stderr, "ccw_bench: %s: %s\n", what, strerror(-error));
	exit(1);
}

/* Seconds for a life: from create, or if the device is opened, from open */
static double life(const char *sch, bool opened)
{
	double begin = now();
	struct ccw c;

	fail_on("create", mdev_create(sch, UUID));
	if (opened) {
		begin = now();
		fail_on("open", ccw_open(&c, UUID));
		ccw_close(&c);
	}
	fail_on("remove", mdev_remove(UUID));
	return now() - begin;
}

static void measure_lives(const char *name, const char *sch, bool opened)
{
	double each[LIVES];

	life(sch, opened);
	for (int i = 0; i < LIVES; i++)
		each[i] = life(sch, opened);
	print_median(name, each, LIVES);
}

/* A request to vm/run, which runs a command of QEMU's monitor, see scripts/vm/guest/mon. */
static void monitor(const char *command)
{
	char line[256];

	printf("@@MON %s\n", command);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		if (!strncmp(line, "@@REPLY end", 11))
			return;
	fprintf(stderr, "ccw_bench: no answer from the host to '%s'\n", command);
	exit(1);
}

static void record(struct ccw *c, const struct program *p, int n)
{
	p->put(c);
	run(c, p, 20);
	printf("@trace column=%s program=%s n=%d\n", getenv("column"), p->name, n);
	monitor("log exec,nochain");
	run(c, p, n);
	monitor("log none");
}

int main(int argc, char **argv)
{
	bool tracing = argc > 1 && !strcmp(argv[1], "trace");
	int n = argc > 1 + tracing ? atoi(argv[1 + tracing]) : 2000;
	struct ccw c;
	char sch[NAME];

	if (tracing) {
		fail_on("finding " BLK1, sch_find(BLK1, sch));
		fail_on("bind", sch_bind(sch));
		measure_lives("create_remove", sch, false);
		measure_lives("open_close_remove", sch, true);
	}
	fail_on("opening " BLK1, ccw_up(&c, BLK1, UUID, sch));
	if (tracing)
		monitor("one-insn-per-tb on");
	for (unsigned int i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (tracing)
			record(&c, &programs[i], n);
		else
			measure(&c, &programs[i], n);
	}
	if (tracing)
		monitor("one-insn-per-tb off");
	ccw_down(&c, UUID);
	return 0;
}
