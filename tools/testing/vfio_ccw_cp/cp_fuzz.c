// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz the translation of channel programs
 *
 * The input describes mapped pages, an ORB, the device's answers, and records that write CCWs and
 * IDAWs into the pages. The translated program must do the same as the guest's. Built with clang's
 * libFuzzer, or alone: the arguments are files with inputs, or .hex files with one input a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

/* Pages that a program is most likely to get wrong: neighbours, and both sides of each limit. */
static const u64 places[] = {
	0x0, 0x1000, 0x2000, 0x4000, 0x5000, 0xfff000, 0x1000000, 0x7ffff000, 0x80000000,
	0x100000000, 0x100001000, 0xfffffffffffff000,
};

#define NR_PLACES	(sizeof(places) / sizeof(places[0]))

static const u8 codes[] = {
	0x02, 0x01, 0x08, 0x03, 0x0c, 0x04, 0xe4, 0x07,
	0x02, 0x31, 0x08, 0x06, 0x0c, 0x05, 0x48, 0x00,
};

struct input {
	const u8 *bytes;
	size_t left;
};

static u32 take(struct input *in, unsigned int n)
{
	u32 value = 0;

	while (n--) {
		value <<= 8;
		if (in->left) {
			value |= *in->bytes++;
			in->left--;
		}
	}
	return value;
}

/* An address: near the start or the end of a page, or anywhere in it, or anything. */
static u64 take_address(struct input *in, u32 align)
{
	u32 how = take(in, 1);
	u64 place = places[how % NR_PLACES];

	switch (how / NR_PLACES % 5) {
	case 0:
		return place + take(in, 1) % 64 * align;
	case 1:
		return place + PAGE - (1 + take(in, 1) % 64) * align;
	case 2:
		return place + take(in, 2) % PAGE / align * align;
	case 3:
		return place + take(in, 2) % PAGE;
	default:
		return (u64)take(in, 1) << 56 | take(in, 4);
	}
}

static void put(struct machine *m, u64 addr, u64 value, unsigned int n)
{
	while (n--) {
		u8 *byte = machine_byte(m, m->written, addr + n);

		if (byte)
			*byte = value;
		value >>= 8;
	}
}

/* @n IDAWs at @at, the way that a guest writes them, or not quite. */
static void put_idaws(struct machine *m, struct input *in, u64 at, u32 n, u32 word)
{
	bool wide = word & 0x00020000;
	u32 block = wide && !(word & 0x00010000) ? 4096 : 2048, rest = take(in, 1), i;
	u64 addr = take_address(in, 1);

	for (i = 0; i < n; i++) {
		put(m, at, wide ? addr : addr & 0x7fffffff, wide ? 8 : 4);
		at += wide ? 8 : 4;
		if (rest & 1)
			addr = places[take(in, 1) % NR_PLACES] + (rest & 2 ? 2048 : 0);
		else
			addr = (addr & ~(u64)(block - 1)) + (rest & 4 ? -block : block);
		if (rest & 8)
			addr |= block - 1; /* read backward */
		if ((rest & 0xf0) == 0xf0)
			addr += rest & 1 ? 8 : block / 2;
	}
}

/*
 * A CCW with fields from the input, mostly a valid one. Return: the place behind it, or where it
 * jumps to.
 */
static u64 put_ccw(struct machine *m, struct input *in, u64 at, u32 word)
{
	u32 kind = take(in, 1), flags = take(in, 1), count = take(in, 1);
	u8 code = kind & 0x80 ? take(in, 1) : codes[kind % 16];
	bool tic = (code & 15) == 8, format_1 = word & 0x00800000, odd = (kind & 0x70) == 0x70;
	u64 addr;

	if (kind & 0x20)
		count = count << 8 | take(in, 1);
	if (!odd) {
		flags &= 0xfc; /* suspend and MIDA end most programs */
		count += !count;
		if (tic) {
			flags = 0;
			count = 0;
		}
	}
	if (tic && kind & 0x10)
		addr = at - take(in, 1) % 8 * 8; /* a loop */
	else
		addr = take_address(in, tic || flags & 0x04 ? 8 : 1);
	if (!format_1)
		addr &= 0xffffff;
	else if (!odd)
		addr &= 0x7fffffff;
	put(m, at, code, 1);
	put(m, at + 1, format_1 ? (u64)flags << 16 | count : addr, 3);
	put(m, at + 4, format_1 ? addr : flags << 24 | count, 4);
	if (flags & 0x04 && !tic && take(in, 1) & 3)
		put_idaws(m, in, addr, count / 2048 + 2, word);
	return tic && take(in, 1) & 1 ? addr : at + 8;
}

/* The last CCW: it ends the program, if the program gets there. */
static void put_end(struct machine *m, u64 at, u32 word)
{
	put(m, at, 0x0200000500001005ULL, 8);
	if (!(word & 0x00800000))
		put(m, at, 0x0200100500ff0005ULL, 8);
}

static void set_device(struct device *device, struct input *in)
{
	u32 n = take(in, 1), i;

	device->seed = n;
	device->commands = n % 8;
	for (i = 0; i < device->commands; i++) {
		u32 how = take(in, 1);

		device->script[i].modifier = how & 1;
		device->script[i].check = (how & 0x1e) == 0x1e;
		device->script[i].bytes = how & 0x20 ? take(in, 2) : how & 0x40 ? take(in, 1) : ~0U;
	}
}

static struct machine machine;
static bool ready;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input in = { bytes, size };
	struct machine *m = &machine;
	struct device device = {};
	u32 how = take(&in, 1), mapped = take(&in, 2), word = take(&in, 4), i;
	__be32 orb[3];
	u64 at;

	if (!ready || how % 16 == 15) {
		/* now and then without the memory of earlier programs */
		if (ready)
			machine_destroy(m);
		if (ready && m->wrong)
			abort();
		machine_init(m);
		ready = true;
	}
	machine_clear(m);
	for (i = 0; i < m->cp.nr_blocks && i < 2; i++)
		memset(m->cp.blocks[i].virt, 0xa5, PAGE);
	for (i = 0; i < NR_PLACES; i++)
		if (!(mapped & 1 << i))
			machine_map(m, places[i]);

	at = take_address(&in, 8) & 0x7fffffff;
	orb[0] = 0;
	orb[1] = cpu_to_be32(word);
	orb[2] = cpu_to_be32((u32)at);
	set_device(&device, &in);
	while (in.left) {
		u32 record = take(&in, 1);

		if (record < 0xc0) {
			at = put_ccw(m, &in, at, word);
		} else if (record < 0xe0) {
			u64 list = take_address(&in, 4);

			put_idaws(m, &in, list, 1 + record % 32, word);
		} else if (record < 0xf0) {
			u64 from = at;

			/* many CCWs: the last one again */
			for (i = 0; i < (record & 15) * 20 && from >= 8; i++) {
				u8 *last = machine_byte(m, m->written, from - 8);
				u8 *next = machine_byte(m, m->written, at);

				if (last && next && !(from % 8) && !(at % 8))
					memcpy(next, last, 8);
				at += 8;
			}
		} else {
			put_end(m, at, word);
			at = take_address(&in, 8);
		}
	}
	put_end(m, at, word);
	/* a guest that changes its program meanwhile, or a host without memory */
	m->race = (how & 0x30) == 0x30;
	if ((how & 0xc0) == 0xc0)
		m->fail_alloc = 1 + how % 16;
	if ((how & 0xc0) == 0x80)
		shim_fail = 1 + how % 16;

	machine_compare(m, orb, &device, NULL);
	shim_fail = 0;
	if (m->wrong) {
		fprintf(stderr, "wrong: %s\n", m->wrong);
		abort();
	}
	return 0;
}

#ifdef ALONE
static void run_file(const char *path)
{
	static u8 input[1 << 16];
	static char line[1 << 17];
	FILE *f = fopen(path, "r");
	size_t n = strlen(path);

	if (!f) {
		perror(path);
		exit(2);
	}
	if (n < 4 || strcmp(path + n - 4, ".hex")) {
		LLVMFuzzerTestOneInput(input, fread(input, 1, sizeof(input), f));
	} else {
		while (fgets(line, sizeof(line), f)) {
			unsigned int byte;

			for (n = 0; sscanf(line + 2 * n, "%2x", &byte) == 1; n++)
				input[n] = byte;
			LLVMFuzzerTestOneInput(input, n);
		}
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	while (--argc)
		run_file(*++argv);
	if (ready)
		machine_destroy(&machine);
	return machine.wrong ? 1 : 0;
}
#endif
