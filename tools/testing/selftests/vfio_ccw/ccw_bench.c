// SPDX-License-Identifier: GPL-2.0-only
/*
 * ccw_bench [N]: time of N round trips of SENSE ID: write the I/O region, wait for the eventfd,
 * read the region
 *
 * Prints the median of nine rounds: round trips per second and nanoseconds per round trip, by the
 * guest's clock. With qemu -icount shift=0 an instruction takes one nanosecond of that clock, and
 * ns= is the number of instructions per round trip.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ccw_lib.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 2000;
	double each[9];
	struct ccw c;
	char sch[NAME];
	struct result r;
	int ret;

	ret = ccw_up(&c, BLK1, UUID, sch);
	if (ret) {
		fprintf(stderr, "ccw_bench: opening " BLK1 " failed: %s\n", strerror(-ret));
		return 1;
	}
	for (int i = -1; i < 9; i++) {
		double begin = now();

		for (int k = 0; k < n; k++) {
			ret = ccw_sense_id(&c, &r);
			if (ret || r.dstat != 0x0c) {
				fprintf(stderr, "ccw_bench: SENSE ID: error %d, device status %x\n",
					ret, ret ? 0 : r.dstat);
				return 1;
			}
		}
		/* round -1 warms up */
		if (i >= 0)
			each[i] = (now() - begin) / n;
	}
	qsort(each, 9, sizeof(*each), compare);
	printf("@bench column=%s rate=%.0f ns=%.0f min=%.0f max=%.0f\n", getenv("column"),
	       1 / each[4], each[4] * 1e9, each[0] * 1e9, each[8] * 1e9);
	ccw_down(&c, UUID);
	return 0;
}
