// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_bench_samples: a sample in C beside the one in Rust, in turns
 *
 * mdpy-vga and the small memory card have 2 MiB of vmalloc()ed RAM each. Prints a line for each:
 *   @bench_sample sample=S rounds=R pairs=P rate=MEDIAN config=NS ram=NS
 * rate is the number of create+remove pairs per second; config and ram are nanoseconds for a read
 * of 4 bytes of the configuration space, and of BAR 0. All are medians of the rounds.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mdev_lib.h"

#define ROUNDS	15
#define PAIRS	40
#define READS	5000

struct sample {
	const char *module, *id;
	char type[PATH_SIZE];
	struct vfio_user vfio;
	off_t config, ram;
	double rate[ROUNDS], config_ns[ROUNDS], ram_ns[ROUNDS];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	say("mdev_bench_samples: %s failed: %s", what, strerror(errno));
	exit(1);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), ascending);
	return values[ROUNDS / 2];
}

static off_t region(struct vfio_user *user, uint32_t index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	must(!ioctl(user->device, VFIO_DEVICE_GET_REGION_INFO, &info), "asking for a region");
	return info.offset;
}

static double pairs(struct sample *s)
{
	double start = rounds_now();
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		struct uuid u = uuid_new();

		must(!mdev_create(s->type, u.s), "create");
		must(!mdev_remove(u.s), "remove");
	}
	return PAIRS / (rounds_now() - start);
}

static double reads(struct sample *s, off_t at)
{
	double start = rounds_now();
	uint32_t word;
	unsigned int i;

	for (i = 0; i < READS; i++)
		must(pread(s->vfio.device, &word, sizeof(word), at) == sizeof(word), "read");
	return (rounds_now() - start) / READS * 1e9;
}

int main(void)
{
	struct sample samples[] = {
		{ .module = "mdpy", .id = "mdpy-vga" },
		{ .module = "rust_mdev", .id = "faux_driver-2m" },
	};
	unsigned int i, round;

	/* removes all mdevs, and would wait for one that is open */
	for (i = 0; i < 2; i++)
		must(!sample_ready(samples[i].module), samples[i].module);
	for (i = 0; i < 2; i++) {
		struct sample *s = &samples[i];
		struct uuid u = uuid_new();

		must(type_path(s->module, s->id, s->type), "finding the type");
		must(!mdev_create(s->type, u.s), "create");
		must(!vfio_open_mdev(u.s, &s->vfio), "open");
		s->config = region(&s->vfio, VFIO_PCI_CONFIG_REGION_INDEX);
		s->ram = region(&s->vfio, VFIO_PCI_BAR0_REGION_INDEX);
	}
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 2; i++) {
			samples[i].rate[round] = pairs(&samples[i]);
			samples[i].config_ns[round] = reads(&samples[i], samples[i].config);
			samples[i].ram_ns[round] = reads(&samples[i], samples[i].ram);
		}
	}
	for (i = 0; i < 2; i++) {
		struct sample *s = &samples[i];

		say("@bench_sample sample=%s rounds=%d pairs=%d rate=%.0f config=%.0f ram=%.0f",
		    s->module, ROUNDS, PAIRS, median(s->rate), median(s->config_ns),
		    median(s->ram_ns));
		vfio_close_mdev(&s->vfio);
	}
	mdev_remove_all();
	return 0;
}
