// SPDX-License-Identifier: GPL-2.0-only
/*
 * ccw_bench [N]: SENSE ID round trips: write the region, wait for the eventfd, read the region
 *
 * Prints a line with the median of nine rounds: round trips per second, and nanoseconds of one, on
 * the guest's clock. Under qemu -icount shift=0 that clock counts instructions, one each
 * nanosecond, and ns= becomes instructions per round trip.
 */
#include <stdio.h>
#include <stdlib.h>

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
		fprintf(stderr, "ccw_bench: cannot open " BLK1 ": %d\n", ret);
		return 1;
	}
	for (int i = -1; i < 9; i++) {
		double begin = now();

		for (int k = 0; k < n; k++) {
			ret = ccw_sense_id(&c, &r);
			if (ret || r.dstat != 0x0c) {
				fprintf(stderr, "ccw_bench: round trip failed: %d\n", ret);
				return 1;
			}
		}
		/* the first is to get warm */
		if (i >= 0)
			each[i] = (now() - begin) / n;
	}
	qsort(each, 9, sizeof(*each), compare);
	printf("@bench column=%s rate=%.0f ns=%.0f min=%.0f max=%.0f\n", getenv("column"),
	       1 / each[4], each[4] * 1e9, each[0] * 1e9, each[8] * 1e9);
	ccw_down(&c, UUID);
	return 0;
}
