// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the translation of channel programs (drivers/s390/cio/vfio_ccw_cp.c)
 *
 * A test builds a guest's program and gives it to machine_compare(), which translates it, runs the
 * program and its translation, and compares. Prints KTAP. Arguments: names of tests, default all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum { CD = 0x80, CC = 0x40, SLI = 0x20, SKIP = 0x10, PCI = 0x08, IDA = 0x04, S = 0x02, MIDA = 1 };
enum { WRITE = 0x01, READ = 0x02, NOOP = 0x03, SENSE = 0x04, TIC = 0x08, BACKWARD = 0x0c };
/* word 1 of the ORB */
enum { F = 0x00800000, P = 0x00400000, H = 0x00020000, T = 0x00010000, L = 0x80, D = 0x40 };

#define CCWS		0x10000		/* guest address of the program */
#define DATA		0x40000		/* guest address of data */
#define DATA_PAGES	18

static struct machine m;
static const struct device eager;
static struct run result;
static const char *test_name;
static bool failed;

#define CHECK(condition) check(condition, #condition, __LINE__)
#define CHECK_EQ(a, b) check_eq((u64)(a), (u64)(b), #a " is " #b, __LINE__)

static bool check(bool ok, const char *what, int line)
{
	if (!ok) {
		printf("# %s, line %d: not so: %s\n", test_name, line, what);
		failed = true;
	}
	return ok;
}

static void check_eq(u64 a, u64 b, const char *what, int line)
{
	if (!check(a == b, what, line))
		printf("# %llx and %llx\n", (unsigned long long)a, (unsigned long long)b);
}

static void put(u64 addr, u64 value, unsigned int bytes)
{
	while (bytes--) {
		u8 *byte = machine_byte(&m, m.written, addr + bytes);

		if (!byte) {
			printf("# %s: the test writes to %llx, which is not mapped\n", test_name,
			       (unsigned long long)(addr + bytes));
			failed = true;
			return;
		}
		*byte = value;
		value >>= 8;
	}
}

/* The same guest for all: two pages of CCWs, some of data with a hole behind. */
static void guest(void)
{
	unsigned int i;

	machine_clear(&m);
	machine_map(&m, CCWS);
	machine_map(&m, CCWS + PAGE);
	for (i = 0; i < DATA_PAGES; i++)
		machine_map(&m, DATA + i * PAGE);
	memset(m.written[0], 0, PAGE);
	memset(m.written[1], 0, PAGE);
}

static void ccw1(u64 at, u8 code, u8 flags, u16 count, u32 addr)
{
	put(at, code, 1);
	put(at + 1, flags, 1);
	put(at + 2, count, 2);
	put(at + 4, addr, 4);
}

static void ccw0(u64 at, u8 code, u8 flags, u16 count, u32 addr)
{
	put(at, code, 1);
	put(at + 1, addr, 3);
	put(at + 4, flags, 1);
	put(at + 5, 0xff, 1);
	put(at + 6, count, 2);
}

static void idaws(u64 at, unsigned int size, u64 first, unsigned int n, u64 next, long step)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		put(at + i * size, i ? next + (i - 1) * step : first, size);
}

static int start_with(const struct device *device, u32 word, u32 cpa)
{
	__be32 orb[3] = { 0, cpu_to_be32(word | 0xff00), cpu_to_be32(cpa) };
	int ret = machine_compare(&m, orb, device, &result);

	check(!m.wrong, m.wrong, 0);
	if (ret && ret != -ENOMEM)
		CHECK(m.cp.why && *m.cp.why);
	return ret;
}

static int start(u32 word, u32 cpa)
{
	return start_with(&eager, word, cpa);
}

/* A program that is accepted and ends as said. The CPA is @last CCWs from CCWS, plus 8. */
static void accept_with(const struct device *device, u32 word, enum ending ending,
			unsigned int last, int line)
{
	check_eq(start_with(device, word, CCWS), 0, "translation", line);
	if (!failed) {
		check_eq(result.ending, ending, "ending", line);
		check_eq(result.cpa, CCWS + 8 * last + 8, "CCW address of the status", line);
	}
}

#define ACCEPT(word, ending, last) accept_with(&eager, word, ending, last, __LINE__)
#define REFUSE(word, error) check_eq(-start(word, CCWS), error, "refused with " #error, __LINE__)

static u32 pages_of(u32 word)
{
	__be32 orb[3] = { 0, cpu_to_be32(word), cpu_to_be32(CCWS) };

	if (machine_translate(&m, orb))
		return 0;
	return m.cp.nr_pages - 1;
}

static const u16 counts[] = { 1, 2, 8, 2047, 2048, 2049, 4095, 4096, 4097, 65535 };
static const u16 offsets[] = { 0, 1, 7, 2047, 2048, 2049, 4094, 4095 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each count with each offset. */
#define CASES (COUNT(counts) * COUNT(offsets))

static u32 count_of(unsigned int i)
{
	return counts[i % COUNT(counts)];
}

static u32 offset_of(unsigned int i)
{
	return offsets[i / COUNT(counts) % COUNT(offsets)];
}

/* Formats and data */

static void direct_data_of_any_alignment(void)
{
	unsigned int i;

	for (i = 0; i < CASES; i++) {
		u32 count = count_of(i), offset = offset_of(i);
		u32 pages = (offset + count + PAGE - 1) / PAGE;

		guest();
		ccw1(CCWS, READ, 0, count, DATA + offset);
		ACCEPT(F | H, DONE, 0);
		CHECK_EQ(result.bytes, count);
		CHECK_EQ(pages_of(F | H), pages);
		ccw1(CCWS, WRITE, 0, count, DATA + offset);
		ACCEPT(F, DONE, 0);
		CHECK_EQ(pages_of(F), pages);
	}
}

static void format_0(void)
{
	guest();
	ccw0(CCWS, READ, CC, 100, DATA + 4090);
	ccw0(CCWS + 8, WRITE, 0, 7, DATA + 5);
	ACCEPT(0, DONE, 1);
	ACCEPT(H, DONE, 1);
	CHECK_EQ(result.bytes, 107);
}

static void format_0_has_sixteen_tic_codes(void)
{
	unsigned int code;

	for (code = 0x08; code < 0x100; code += 0x10) {
		guest();
		ccw0(CCWS, NOOP, CC | SLI, 1, 0);
		ccw0(CCWS + 8, code, 0xff, 0xffff, CCWS + 0x100);
		ccw0(CCWS + 0x100, READ, 0, 1, DATA);
		ACCEPT(0, DONE, 32);
		CHECK_EQ(result.bytes, 1);
	}
}

static void format_1_has_one_tic_code(void)
{
	guest();
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, 0x18, 0, 1, DATA);
	ACCEPT(F, BAD_CCW, 1);
	ccw1(CCWS + 8, TIC, 0, 1, CCWS + 0x100);
	ACCEPT(F, BAD_CCW, 1);
	ccw1(CCWS + 8, TIC, SLI, 0, CCWS + 0x100);
	ACCEPT(F, BAD_CCW, 1);
}

static void format_0_count_0_is_a_program_check(void)
{
	guest();
	ccw0(CCWS, READ, SLI | CC, 0, DATA);
	ccw0(CCWS + 8, READ, 0, 1, DATA);
	ACCEPT(0, BAD_CCW, 0);
}

static void format_1_count_0_transfers_nothing(void)
{
	guest();
	ccw1(CCWS, READ, SLI | CC, 0, 0x70000000);
	ccw1(CCWS + 8, READ, IDA, 0, 0x70000000);
	ACCEPT(F, DONE, 1);
	CHECK_EQ(pages_of(F), 0);
	/* but not in a data chain */
	ccw1(CCWS, READ, CD, 8, DATA);
	ccw1(CCWS + 8, READ, 0, 0, DATA);
	ACCEPT(F, BAD_CCW, 1);
}

static void format_1_address_of_32_bits_is_a_program_check(void)
{
	guest();
	ccw1(CCWS, READ, 0, 1, 0x80000000 | DATA);
	ACCEPT(F, BAD_CCW, 0);
	ccw1(CCWS, NOOP, 0, 0, 0x80000000 | DATA);
	ACCEPT(F, BAD_CCW, 0);
}

static void length_suppression_of_format_0_is_kept(void)
{
	guest();
	/* an immediate operation with a count that nothing uses */
	ccw0(CCWS, NOOP, CC, 1, 0);
	ccw0(CCWS + 8, READ, 0, 1, DATA);
	ACCEPT(0, DONE, 1);
	ccw1(CCWS, NOOP, CC, 1, 0);
	ccw1(CCWS + 8, READ, 0, 1, DATA);
	ACCEPT(F, LENGTH, 0);
	ACCEPT(F | L, DONE, 1);
}

static void data_ends_at_the_last_address(void)
{
	guest();
	machine_map(&m, 0xfff000);
	machine_map(&m, 0x1000000);
	ccw0(CCWS, READ, 0, 16, 0xfffff0);
	ACCEPT(0, DONE, 0);
	ccw0(CCWS, READ, 0, 17, 0xfffff0);
	REFUSE(0, EINVAL);

	guest();
	machine_map(&m, 0x7ffff000);
	machine_map(&m, 0x80000000);
	ccw1(CCWS, READ, 0, 16, 0x7ffffff0);
	ACCEPT(F, DONE, 0);
	ccw1(CCWS, READ, 0, 17, 0x7ffffff0);
	REFUSE(F, EINVAL);
}

static void read_backward(void)
{
	unsigned int i;

	for (i = 0; i < CASES; i++) {
		u32 count = count_of(i), offset = offset_of(i);

		guest();
		ccw1(CCWS, BACKWARD, 0, count, DATA + 17 * PAGE + offset);
		ACCEPT(F | H, DONE, 0);
		CHECK_EQ(result.bytes, count);
		CHECK_EQ(pages_of(F | H), 1 + (count + PAGE - 2 - offset) / PAGE);
	}
	guest();
	machine_map(&m, 0);
	ccw1(CCWS, BACKWARD, 0, 16, 15);
	ACCEPT(F, DONE, 0);
	ccw1(CCWS, BACKWARD, 0, 17, 15);
	REFUSE(F, EINVAL);
}

static void read_backward_with_idaws(void)
{
	guest();
	ccw1(CCWS, BACKWARD, IDA, 5000, CCWS + 0x800);
	idaws(CCWS + 0x800, 4, DATA + 100, 4, DATA + 3 * PAGE + 2047, 2 * PAGE);
	ACCEPT(F, DONE, 0);
	ccw1(CCWS, BACKWARD, IDA, 9000, CCWS + 0x800);
	idaws(CCWS + 0x800, 8, DATA + 100, 4, DATA + 3 * PAGE + 4095, 2 * PAGE);
	ACCEPT(F | H, DONE, 0);
	/* a block boundary is its end */
	idaws(CCWS + 0x800, 8, DATA + 100, 4, DATA + 3 * PAGE, 2 * PAGE);
	REFUSE(F | H, EINVAL);
}

static void read_backward_in_a_data_chain(void)
{
	guest();
	ccw1(CCWS, BACKWARD, CD, 5000, DATA + 3 * PAGE + 10);
	ccw1(CCWS + 8, READ, CD, 5000, DATA + 8 * PAGE + 10);
	ccw1(CCWS + 16, 0, 0, 5000, DATA + 12 * PAGE + 10);
	ACCEPT(F | H, DONE, 2);
	CHECK_EQ(result.bytes, 15000);
	ccw1(CCWS, READ, CD, 5000, DATA + 3 * PAGE + 10);
	ccw1(CCWS + 8, BACKWARD, 0, 5000, DATA + 8 * PAGE + 10);
	ACCEPT(F | H, DONE, 1);
}

static void forward_and_backward_at_once_is_refused(void)
{
	/* the third CCW: by status modifier a command, after the second one data */
	guest();
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, READ, CD, 8, DATA);
	ccw1(CCWS + 16, BACKWARD, 0, 5000, DATA + 8 * PAGE);
	REFUSE(F, EOPNOTSUPP);
	/* a TIC leads to the second CCW, which is data of the first too */
	ccw1(CCWS, READ, CD, 8, DATA);
	ccw1(CCWS + 8, BACKWARD, CC, 5000, DATA + 8 * PAGE);
	ccw1(CCWS + 16, TIC, 0, 0, CCWS + 8);
	REFUSE(F, EOPNOTSUPP);
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, READ, CD, 8, DATA);
	ccw1(CCWS + 16, BACKWARD, 0, 5000, DATA + 8 * PAGE);
	/* the same in a code that is no command is data only */
	ccw1(CCWS + 16, 0, 0, 5000, DATA + 8 * PAGE);
	ACCEPT(F, DONE, 2);
	/* a TIC leads into a data chain */
	ccw1(CCWS, BACKWARD, CD, 8, DATA + PAGE);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x100);
	ccw1(CCWS + 0x100, BACKWARD, 0, 8, DATA + PAGE);
	REFUSE(F, EOPNOTSUPP);
}

/* IDAWs */

static void idaws_of_each_format_and_size(void)
{
	static const struct { u32 word; unsigned int size; u32 block; } kinds[] = {
		{ F, 4, 2048 }, { F | T, 4, 2048 }, { F | H | T, 8, 2048 }, { F | H, 8, 4096 },
	};
	unsigned int i, n;

	for (n = 0; n < COUNT(kinds); n++) {
		for (i = 0; i < CASES; i++) {
			u32 block = kinds[n].block, count = count_of(i), offset = offset_of(i);
			u32 nr = (offset % block + count + block - 1) / block;

			guest();
			ccw1(CCWS, READ, IDA, count, CCWS + 0x800);
			/* the blocks are in reverse order */
			idaws(CCWS + 0x800, kinds[n].size, DATA + 17 * PAGE + offset, nr,
			      DATA + 16 * PAGE + block, -(long)block);
			ACCEPT(kinds[n].word, DONE, 0);
			CHECK_EQ(result.bytes, count);
		}
	}
}

static void idaws_beyond_2_gib(void)
{
	guest();
	machine_map(&m, 0x100000000);
	machine_map(&m, 0xfffffffffffff000);
	ccw1(CCWS, READ, IDA, 8192, CCWS + 0x800);
	idaws(CCWS + 0x800, 8, 0x100000000, 2, 0xfffffffffffff000, 0);
	ACCEPT(F | H, DONE, 0);
	CHECK_EQ(result.bytes, 8192);
	/* and one below the other: the run of pages must not wrap around */
	machine_map(&m, 0);
	idaws(CCWS + 0x800, 8, 0xfffffffffffff000, 2, 0, 0);
	ACCEPT(F | H, DONE, 0);
	CHECK_EQ(m.cp.why, 0);
}

static void format_1_idaw_has_31_bits(void)
{
	guest();
	machine_map(&m, 0x80000000);
	ccw1(CCWS, READ, IDA, 8, CCWS + 0x800);
	put(CCWS + 0x800, 0x80000000, 4);
	REFUSE(F, EINVAL);
}

static void idaw_beside_a_block_boundary_is_refused(void)
{
	guest();
	ccw1(CCWS, READ, IDA, 8192, CCWS + 0x800);
	idaws(CCWS + 0x800, 8, DATA + 8, 3, DATA + PAGE, PAGE);
	ACCEPT(F | H, DONE, 0);
	put(CCWS + 0x808, DATA + PAGE + 2048, 8);
	REFUSE(F | H, EINVAL);
	ccw1(CCWS, READ, IDA, 4096, CCWS + 0x800);
	ACCEPT(F | H | T, DONE, 0);
	put(CCWS + 0x810, DATA + PAGE + 1, 8);
	REFUSE(F | H | T, EINVAL);
}

static void idal_beside_its_boundary_is_a_program_check(void)
{
	guest();
	ccw1(CCWS, READ, IDA, 8, CCWS + 0x804);
	put(CCWS + 0x804, DATA, 4);
	ACCEPT(F, DONE, 0);
	put(CCWS + 0x804, DATA, 8);
	ACCEPT(F | H, BAD_CCW, 0);
	ccw1(CCWS, READ, IDA, 8, CCWS + 0x802);
	ACCEPT(F, BAD_CCW, 0);
}

static void idal_that_crosses_a_page(void)
{
	guest();
	ccw1(CCWS, READ, IDA, 8192, CCWS + PAGE - 8);
	idaws(CCWS + PAGE - 8, 8, DATA + 8, 3, DATA + 2 * PAGE, PAGE);
	ACCEPT(F | H, DONE, 0);
	ccw1(CCWS, READ, IDA, 8192, CCWS + PAGE - 4);
	idaws(CCWS + PAGE - 4, 4, DATA + 8, 5, DATA + 2 * PAGE, 2048);
	ACCEPT(F, DONE, 0);
}

/* Also the CVE about the length of a list of IDAWs of format 1. */
static void idal_that_ends_right_before_a_hole(void)
{
	u64 end = DATA + DATA_PAGES * PAGE;

	guest();
	/* the longest list for this count would have 2 IDAWs; the first says that 1 is enough */
	ccw1(CCWS, READ, IDA, 4096, end - 8);
	put(end - 8, DATA, 8);
	ACCEPT(F | H, DONE, 0);
	ccw1(CCWS, READ, IDA, 4096, end - 8);
	idaws(end - 8, 4, DATA, 2, DATA + PAGE, 0);
	ACCEPT(F, DONE, 0);
	/* with an unaligned first IDAW, one more is needed, and is not there */
	put(end - 8, DATA + 1, 4);
	REFUSE(F, EINVAL);
	ccw1(CCWS, READ, IDA, 4096, end);
	REFUSE(F, EINVAL);
}

static void idal_at_the_last_address(void)
{
	guest();
	machine_map(&m, 0xfff000);
	machine_map(&m, 0x1000000);
	ccw0(CCWS, READ, IDA, 2049, 0xfffffc);
	put(0xfffffc, DATA, 4);
	put(0x1000000, DATA + 2048, 4);
	REFUSE(0, EINVAL);
	ccw0(CCWS, READ, IDA, 2048, 0xfffffc);
	ACCEPT(0, DONE, 0);
}

/* CVE of summer 2026: the first IDAW was read twice, and the guest changes it in between. */
static void each_idaw_is_read_once(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		u32 word = i ? F : F | H;

		guest();
		ccw1(CCWS, READ, IDA, 20000, CCWS + 0x800);
		idaws(CCWS + 0x800, i ? 4 : 8, DATA + 8, 12, DATA + PAGE, i ? 2048 : PAGE);
		ACCEPT(word, DONE, 0);
		CHECK_EQ(m.reads, 2);
		m.race = true;
		CHECK_EQ(start(word, CCWS), 0);
		CHECK_EQ(result.bytes, 20000);
	}
}

static void idaws_of_2k_make_all_lists_2k(void)
{
	guest();
	ccw1(CCWS, READ, CC, 9000, DATA + 5);
	ccw1(CCWS + 8, READ, IDA, 4096, CCWS + 0x800);
	idaws(CCWS + 0x800, 4, DATA + 6 * PAGE, 2, DATA + 8 * PAGE + 2048, 0);
	ACCEPT(F, DONE, 1);
	CHECK(be32_to_cpu(m.cp.orb[1]) & T);
	guest();
	ccw1(CCWS, READ, 0, 9000, DATA + 5);
	ACCEPT(F, DONE, 0);
	CHECK(!(be32_to_cpu(m.cp.orb[1]) & T));
}

static void midaws_are_refused(void)
{
	guest();
	ccw1(CCWS, READ, MIDA, 8, CCWS + 0x800);
	REFUSE(F | H | D, EOPNOTSUPP);
	CHECK(m.cp.why && strstr(m.cp.why, "MIDAW"));
	CHECK_EQ(m.cp.where, CCWS);
	/* allowed and not used */
	ccw1(CCWS, READ, 0, 8, DATA);
	ACCEPT(F | H | D, DONE, 0);
	/* used and not allowed */
	ccw1(CCWS, READ, MIDA, 8, DATA);
	ACCEPT(F | H, BAD_CCW, 0);
}

/* Chains */

static void command_and_data_chaining(void)
{
	guest();
	ccw1(CCWS, WRITE, CC, 100, DATA);
	ccw1(CCWS + 8, READ, CD, 10, DATA + 4095);
	ccw1(CCWS + 16, 0, CD, 5000, DATA + 5 * PAGE + 17);
	ccw1(CCWS + 24, READ, CC | SLI, 20, DATA + 9 * PAGE);
	ccw1(CCWS + 32, SENSE, 0, 32, DATA + 10 * PAGE);
	ACCEPT(F | H, DONE, 4);
	CHECK_EQ(result.bytes, 100 + 10 + 5000 + 20 + 32);
}

static void residual_counts(void)
{
	const struct device device = { { { .bytes = 30 }, { .bytes = 7 } }, 2, 1 };

	guest();
	ccw1(CCWS, READ, CD, 20, DATA);
	ccw1(CCWS + 8, READ, SLI | CC, 20, DATA + PAGE);
	ccw1(CCWS + 16, WRITE, SLI, 100, DATA);
	accept_with(&device, F, DONE, 2, __LINE__);
	CHECK_EQ(result.residual, 93);
}

static void flags_are_kept(void)
{
	guest();
	ccw1(CCWS, READ, CC | PCI | SLI, 8, DATA);
	ccw1(CCWS + 8, READ, S | CC, 8, DATA);
	ccw1(CCWS + 16, READ, 0, 8, DATA);
	ACCEPT(F | 0x08000000, SUSPENDED, 1);
	ACCEPT(F, BAD_CCW, 1);
}

static void tic_into_another_segment(void)
{
	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + PAGE + 0x100);
	ccw1(CCWS + PAGE + 0x100, READ, CC, 8, DATA + PAGE);
	ccw1(CCWS + PAGE + 0x108, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, WRITE, 0, 9, DATA);
	ACCEPT(F, DONE, 256);
	CHECK_EQ(result.bytes, 25);
	CHECK_EQ(result.steps, 4);
}

static void tic_into_the_middle_of_a_segment(void)
{
	const struct device device = { { [7] = { .bytes = 3, .check = true } }, 8, 1 };

	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, WRITE, CC, 8, DATA);
	ccw1(CCWS + 16, SENSE, CC, 8, DATA + 8);
	ccw1(CCWS + 24, TIC, 0, 0, CCWS + 16);
	CHECK_EQ(start(F, CCWS), 0);
	CHECK_EQ(result.ending, ENDLESS);
	CHECK_EQ(m.cp.nr_segments, 1);
	/* and of one that was there before */
	ccw1(CCWS + 24, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, READ, CC, 8, DATA + 100);
	ccw1(CCWS + 0x808, TIC, 0, 0, CCWS + 8);
	CHECK_EQ(start_with(&device, F, CCWS), 0);
	CHECK_EQ(m.cp.nr_segments, 2);
}

static void tic_in_a_data_chain(void)
{
	guest();
	ccw1(CCWS, READ, CD, 8, DATA);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x800);
	/* no command here, so it transfers data */
	ccw1(CCWS + 0x800, NOOP, 0, 9, DATA + 100);
	ACCEPT(F, DONE, 256);
	CHECK_EQ(result.bytes, 17);
}

static void search_and_tic_back(void)
{
	const struct device device = {
		{
			{ .bytes = 5 }, { .bytes = 5 },
			{ .bytes = 5, .modifier = true }, { .bytes = 99 },
		},
		4, 1
	};

	guest();
	ccw1(CCWS, 0x31, CC | SLI, 5, DATA);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS);
	ccw1(CCWS + 16, READ, 0, 99, DATA + 4090);
	accept_with(&device, F, DONE, 2, __LINE__);
	CHECK_EQ(result.bytes, 114);
}

static void loop_right_before_a_hole(void)
{
	u64 end = DATA + DATA_PAGES * PAGE;

	guest();
	ccw1(end - 16, NOOP, CC, 0, 0);
	ccw1(end - 8, TIC, 0, 0, end - 16);
	CHECK_EQ(start(F, end - 16), 0);
	CHECK_EQ(result.ending, ENDLESS);
}

static void modifier_to_the_next_but_one(void)
{
	const struct device device = { { { .bytes = 8, .modifier = true }, { .bytes = 9 } }, 2, 1 };

	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, WRITE, CC, 8, DATA);
	ccw1(CCWS + 16, READ, 0, 9, DATA);
	accept_with(&device, F, DONE, 2, __LINE__);
}

static void modifier_past_the_end_is_a_program_check(void)
{
	const struct device device = { { { .bytes = 8, .modifier = true } }, 1, 1 };

	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, WRITE, 0, 8, DATA);
	ccw1(CCWS + 16, READ, 0, 8, DATA);
	accept_with(&device, F, BAD_CCW, 2, __LINE__);
	/* a TIC to another segment ends this one */
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, READ, 0, 8, DATA);
	accept_with(&device, F, BAD_CCW, 2, __LINE__);
}

static void tic_to_a_tic_is_a_program_check(void)
{
	guest();
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, TIC, 0, 0, CCWS);
	ACCEPT(F, BAD_CCW, 256);
	/* to itself */
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 8);
	ACCEPT(F, BAD_CCW, 1);
	/* first of all */
	ccw1(CCWS, TIC, 0, 0, CCWS + 0x100);
	ccw1(CCWS + 0x100, NOOP, 0, 0, 0);
	ACCEPT(F, BAD_CCW, 0);
}

static void tic_beside_a_ccw_is_a_program_check(void)
{
	guest();
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x804);
	ACCEPT(F, BAD_CCW, 1);
	ccw1(CCWS + 8, TIC, 0, 0, 0x80000000 | CCWS);
	ACCEPT(F, BAD_CCW, 1);
}

static void tic_to_a_hole_is_refused(void)
{
	guest();
	ccw1(CCWS, NOOP, CC, 0, 0);
	ccw1(CCWS + 8, TIC, 0, 0, DATA - 8);
	REFUSE(F, EINVAL);
}

/* CVE of summer 2026: the array of CCWs was one too short for the longest segment. */
static void segment_of_256_ccws(void)
{
	unsigned int i;

	guest();
	for (i = 0; i < 255; i++)
		ccw1(CCWS + 8 * i, READ, CC, 16, DATA + 16 * i);
	ccw1(CCWS + 8 * 255, READ, 0, 16, DATA);
	CHECK_EQ(start(F, CCWS), 0);
	CHECK_EQ(result.ending, ENDLESS);
	ccw1(CCWS + 8 * 255, READ, CC, 16, DATA);
	ccw1(CCWS + 8 * 256, READ, 0, 16, DATA);
	REFUSE(F, EINVAL);
	/* and across a page */
	CHECK_EQ(start(F, CCWS + 8), 0);
	guest();
	for (i = 0; i < 256; i++)
		ccw1(CCWS + 0xf00 + 8 * i, READ, i < 255 ? CC : 0, 16, DATA);
	CHECK_EQ(start(F, CCWS + 0xf00), 0);
	CHECK_EQ(m.reads, 2);
	CHECK_EQ(m.cp.segments[0].length, 256);
}

/* CVE of summer 2026: any number of chains; each takes memory and pins pages. */
static void sixteen_segments(void)
{
	unsigned int i, n;

	for (n = 15; n <= 17; n++) {
		guest();
		for (i = 0; i < n; i++) {
			ccw1(CCWS + 32 * i, READ, CC, 8, DATA + 8 * i);
			ccw1(CCWS + 32 * i + 8, TIC, 0, 0, CCWS + 32 * (i + 1));
		}
		ccw1(CCWS + 32 * (i - 1), READ, 0, 8, DATA);
		if (n == 17)
			REFUSE(F, EINVAL);
		else
			ACCEPT(F, DONE, 4 * (n - 1));
	}
}

static void a_program_of_the_greatest_size(void)
{
	unsigned int i, n;

	guest();
	for (n = 0; n < 16; n++)
		machine_map(&m, 0x100000 + n * PAGE);
	for (n = 0; n < 16; n++) {
		u64 at = 0x100000 + n * PAGE;

		for (i = 0; i < 255; i++)
			ccw1(at + 8 * i, READ, CC, 65535, DATA + i);
		ccw1(at + 8 * 255, TIC, 0, 0, at + PAGE);
	}
	ccw1(0x100000 + 15 * PAGE + 8 * 255, READ, 0, 65535, DATA);
	CHECK_EQ(start(F, 0x100000), 0);
	CHECK_EQ(result.ending, ENDLESS);
	CHECK(m.cp.nr_blocks > 100);
	/* a small one again uses what is there */
	guest();
	ccw1(CCWS, READ, 0, 8, DATA);
	ACCEPT(F, DONE, 0);
}

/* CCWs without data */

static void skipped_data_need_not_be_mapped(void)
{
	static const u8 codes[] = { READ, SENSE, BACKWARD, 0xe4 };
	unsigned int i;

	for (i = 0; i < COUNT(codes); i++) {
		guest();
		ccw1(CCWS, codes[i], SKIP | CC, 65535, 0x7ffffff0);
		ccw1(CCWS + 8, codes[i], SKIP | IDA, 65535, 0x7ffffff0);
		ACCEPT(F, DONE, 1);
		ACCEPT(F | H, DONE, 1);
		CHECK_EQ(pages_of(F), 0);
	}
	/* the flag is ignored for output */
	ccw1(CCWS, WRITE, SKIP, 8, DATA);
	ACCEPT(F, DONE, 0);
	CHECK_EQ(pages_of(F), 1);
	ccw1(CCWS, WRITE, SKIP, 8, 0x7ffffff0);
	REFUSE(F, EINVAL);
}

static void noop_data_need_not_be_mapped(void)
{
	guest();
	ccw1(CCWS, NOOP, SLI, 1, 0x7ffffff0);
	ACCEPT(F, DONE, 0);
	CHECK_EQ(pages_of(F), 0);
}

/*
 * The channel ignores the command code in a data chain. Translated by their own code, these CCWs
 * transfer no data, and the channel gets an address that nobody has translated.
 */
static void no_data_by_the_code_but_by_the_chain(void)
{
	guest();
	ccw1(CCWS, READ, CD, 8, DATA);
	ccw1(CCWS + 8, NOOP, 0, 100, DATA + PAGE);
	ACCEPT(F, DONE, 1);
	CHECK_EQ(result.bytes, 108);
	ccw1(CCWS, WRITE, CD, 8, DATA);
	ccw1(CCWS + 8, READ, SKIP, 100, DATA + PAGE);
	ACCEPT(F, DONE, 1);
	CHECK_EQ(result.bytes, 108);
	CHECK_EQ(pages_of(F), 2);
}

static void unknown_commands_reach_the_device(void)
{
	unsigned int code;

	for (code = 1; code < 256; code++) {
		if (code == TIC)
			continue;
		guest();
		ccw1(CCWS, code, SLI, 8, DATA + 8);
		CHECK_EQ(start(F, CCWS), 0);
		CHECK_EQ(result.ending, (code & 15) == 0 || (code & 15) == 8 ? BAD_CCW : DONE);
	}
}

/* K77, K78: memory at the edges of a mapping */

static void one_byte_outside_is_refused(void)
{
	u64 end = DATA + DATA_PAGES * PAGE;

	guest();
	ccw1(CCWS, READ, 0, 16, end - 16);
	ACCEPT(F, DONE, 0);
	ccw1(CCWS, READ, 0, 17, end - 16);
	REFUSE(F, EINVAL);
	/* 16 bytes below: the mapping of the next page must not be taken for it */
	ccw1(CCWS, READ, 0, 17, DATA - 16);
	REFUSE(F, EINVAL);
	ccw1(CCWS, READ, 0, 4, DATA - 16);
	REFUSE(F, EINVAL);
	/* in the last of many CCWs */
	ccw1(CCWS, READ, CC, 16, DATA);
	ccw1(CCWS + 8, READ, 0, 1, end);
	REFUSE(F, EINVAL);
	ccw1(CCWS + 8, READ, IDA, 16, CCWS + 0x800);
	put(CCWS + 0x800, end, 8);
	REFUSE(F | H, EINVAL);
}

static void pages_are_named_by_their_address(void)
{
	u32 i;

	guest();
	ccw1(CCWS, READ, CC, 5000, DATA + 4000);
	ccw1(CCWS + 8, READ, 0, 8, DATA + 9 * PAGE + 1);
	CHECK_EQ(pages_of(F), 4);
	CHECK_EQ(m.cp.nr_runs, 2);
	for (i = 0; i < m.cp.nr_runs; i++)
		CHECK_EQ(m.cp.runs[i].iova % PAGE, 0);
	CHECK_EQ(m.cp.runs[0].iova, DATA);
	CHECK_EQ(m.cp.runs[0].nr, 3);
	CHECK_EQ(m.cp.runs[1].iova, DATA + 9 * PAGE);
}

static void pages_are_listed_once(void)
{
	unsigned int i;

	guest();
	for (i = 0; i < 200; i++)
		ccw1(CCWS + 8 * i, READ, i < 199 ? CC : 0, 16, DATA + (i & 3) * 2 * PAGE + i);
	CHECK_EQ(pages_of(F), 4);
	CHECK_EQ(m.cp.nr_runs, 4);
}

static void program_right_before_a_hole(void)
{
	u64 end = DATA + DATA_PAGES * PAGE;

	guest();
	ccw1(end - 8, READ, 0, 8, DATA);
	CHECK_EQ(start(F, end - 8), 0);
	ccw1(end - 8, READ, CC, 8, DATA);
	CHECK_EQ(start(F, end - 8), -EINVAL);
	CHECK_EQ(start(F, end), -EINVAL);
}

static void program_at_the_last_address(void)
{
	guest();
	machine_map(&m, 0xfff000);
	machine_map(&m, 0x1000000);
	machine_map(&m, 0x7ffff000);
	machine_map(&m, 0x80000000);
	ccw0(0xfffff8, READ, 0, 8, DATA);
	CHECK_EQ(start(0, 0xfffff8), 0);
	ccw0(0xfffff8, READ, CC, 8, DATA);
	CHECK_EQ(start(0, 0xfffff8), -EINVAL);
	CHECK_EQ(start(0, 0x1000000), -EINVAL);
	ccw1(0x7ffffff8, READ, CC, 8, DATA);
	CHECK_EQ(start(F, 0x7ffffff8), -EINVAL);
	CHECK_EQ(start(F, 0x80000000), -EINVAL);
	CHECK_EQ(start(F, CCWS + 4), -EINVAL);
}

static void uses_compares_whole_ranges(void)
{
	const struct vfio_ccw_cp *cp = &m.cp;

	guest();
	ccw1(CCWS, READ, CC, 8, DATA + PAGE + 8);
	ccw1(CCWS + 8, READ, 0, 8192, DATA + 8 * PAGE);
	CHECK_EQ(pages_of(F), 3);
	CHECK(vfio_ccw_cp_uses(cp, DATA + PAGE, PAGE));
	CHECK(vfio_ccw_cp_uses(cp, DATA, PAGE + 1));
	CHECK(!vfio_ccw_cp_uses(cp, DATA, PAGE));
	CHECK(vfio_ccw_cp_uses(cp, DATA + 2 * PAGE - 1, 1));
	CHECK(!vfio_ccw_cp_uses(cp, DATA + 2 * PAGE, 6 * PAGE));
	CHECK(vfio_ccw_cp_uses(cp, DATA + 2 * PAGE, 6 * PAGE + 1));
	CHECK(vfio_ccw_cp_uses(cp, DATA + 9 * PAGE, 1));
	CHECK(!vfio_ccw_cp_uses(cp, DATA + 10 * PAGE, 100 * PAGE));
	CHECK(vfio_ccw_cp_uses(cp, 0, ~0ULL));
	CHECK(vfio_ccw_cp_uses(cp, DATA + 9 * PAGE, ~0ULL));
	CHECK(vfio_ccw_cp_uses(cp, 0, 0));
	CHECK(!vfio_ccw_cp_uses(cp, DATA + 10 * PAGE, 0));
	vfio_ccw_cp_discard(&m.cp);
	CHECK(!vfio_ccw_cp_uses(cp, 0, ~0ULL));
}

/* Status */

static void irb_with(u32 *irb, u32 cpa, u32 erw, u32 high, u32 low, u32 secondary)
{
	const u32 words[8] = { 0, cpa, 0, 0, erw, high, low, secondary };
	unsigned int i;

	memset(irb, 0, 96);
	for (i = 0; i < 8; i++)
		irb[i] = cpu_to_be32(words[i]);
	vfio_ccw_cp_status(&m.cp, irb);
	for (i = 0; i < 8; i++)
		irb[i] = be32_to_cpu(irb[i]);
}

/* K81: unsolicited interrupts, halt and clear have a CCW address too. */
static void no_host_address_leaves(void)
{
	u32 irb[24], host, i;

	guest();
	/* before the first program */
	machine_destroy(&m);
	machine_init(&m);
	CHECK_EQ(machine_status(&m, 0x01000008), 0);
	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, READ, 0, 8, DATA + PAGE);
	CHECK_EQ(pages_of(F), 2);
	host = be32_to_cpu(m.cp.orb[2]);
	CHECK_EQ(machine_status(&m, host), 0);
	CHECK_EQ(machine_status(&m, host + 8), CCWS + 8);
	CHECK_EQ(machine_status(&m, host + 24), CCWS + 24);
	CHECK_EQ(machine_status(&m, m.cp.segments[1].host + 8), CCWS + 0x808);
	CHECK_EQ(machine_status(&m, m.cp.segments[1].host + 16), CCWS + 0x810);
	CHECK_EQ(machine_status(&m, m.cp.segments[1].host + 24), 0);
	CHECK_EQ(machine_status(&m, 0x7fff0000), 0);
	CHECK_EQ(machine_status(&m, 0), 0);
	/* a late interrupt: the pages are unpinned */
	vfio_ccw_cp_discard(&m.cp);
	CHECK_EQ(machine_status(&m, host + 8), CCWS + 8);
	/* addresses without their validity bits */
	irb_with(irb, 0, 0x00400000, 0x1234, 0x5678, 0x9abc);
	for (i = 0; i < 8; i++)
		CHECK_EQ(irb[i], 0);
}

static void subchannel_logout(void)
{
	const u32 failing = 0x02000000, secondary = 0x00800000, wide = 0x00400000;
	u32 irb[24];
	u64 host;

	guest();
	ccw1(CCWS, READ, 0, 5000, DATA + 4000);
	CHECK_EQ(pages_of(F | H), 3);
	host = m.cp.host[2];
	irb_with(irb, 0, failing | secondary | wide, host >> 32, (u32)host + 5,
		 be32_to_cpu(m.cp.orb[2]) + 8);
	CHECK_EQ(irb[4], failing | secondary | wide);
	CHECK_EQ(irb[5], 0);
	CHECK_EQ(irb[6], DATA + PAGE + 5);
	CHECK_EQ(irb[7], CCWS + 8);
	/* one that is not in the program */
	irb_with(irb, 0, failing | secondary | wide, host >> 32, (u32)host + PAGE, 0x7fff0000);
	CHECK_EQ(irb[4], 0);
	CHECK_EQ(irb[5] | irb[6] | irb[7], 0);
	irb_with(irb, 0, failing | 0x10000000, 0x01000000, 0, 0);
	CHECK_EQ(irb[4], 0x10000000);
	CHECK_EQ(irb[5], 0);
	/* a guest with IDAWs of format 1 expects the shorter format */
	CHECK_EQ(pages_of(F), 3);
	host = m.cp.host[1];
	irb_with(irb, 0, failing | wide, host >> 32, (u32)host + 5, 0);
	CHECK_EQ(irb[4], failing);
	CHECK_EQ(irb[5], DATA + 5);
	CHECK_EQ(irb[6], 0);
}

/* The ORB */

static void orb_bits(void)
{
	guest();
	ccw1(CCWS, READ, 0, 8, DATA);
	/* key, A and X are the host's; S, C, M, Y, P, I, U, the paths and L are the guest's */
	CHECK_EQ(start(0xf0000000 | 0x0f000000 | F | P | 0x00380000 | H | L | 0x3f, CCWS), 0);
	CHECK_EQ(be32_to_cpu(m.cp.orb[1]), 0x0f000000 | F | P | 0x00280000 | H | 0xff00 | L);
}

static void transport_mode_is_refused(void)
{
	guest();
	REFUSE(F | 0x00040000, EOPNOTSUPP);
}

static void without_prefetch(void)
{
	guest();
	ccw1(CCWS, READ, 0, 8, DATA);
	ACCEPT(F | P, DONE, 0);
	CHECK(!m.cp.no_prefetch);
	ACCEPT(F, DONE, 0);
	CHECK(m.cp.no_prefetch);
	CHECK(!(be32_to_cpu(m.cp.orb[1]) & P));
	/* a program that reads over itself runs as it was at the start: READ IPL does that */
	ccw1(CCWS, READ, CC, 16, CCWS);
	ccw1(CCWS + 8, READ, 0, 8, DATA);
	ACCEPT(F, DONE, 1);
	CHECK_EQ(result.bytes, 24);
}

/* Memory */

static void nothing_is_allocated_for_the_next_program(void)
{
	int allocations;
	u32 blocks;

	guest();
	ccw1(CCWS, READ, CC, 65535, DATA);
	ccw1(CCWS + 8, READ, SKIP, 65535, DATA);
	ACCEPT(F, DONE, 1);
	allocations = shim_allocations;
	blocks = m.blocks;
	ACCEPT(F, DONE, 1);
	ACCEPT(F | H, DONE, 1);
	CHECK_EQ(shim_allocations, allocations);
	CHECK_EQ(m.blocks, blocks);
}

/* CVE of summer 2026: an error in a later segment leaked the segments before it. */
static void nothing_is_left_after_an_error(void)
{
	guest();
	ccw1(CCWS, READ, CC, 8, DATA);
	ccw1(CCWS + 8, TIC, 0, 0, CCWS + 0x800);
	ccw1(CCWS + 0x800, READ, CC, 8, DATA);
	ccw1(CCWS + 0x808, TIC, 0, 0, 0x7ffffff0);
	REFUSE(F, EINVAL);
	CHECK_EQ(m.cp.nr_runs, 0);
	CHECK_EQ(m.cp.nr_segments, 0);
	CHECK_EQ(machine_status(&m, 0x01000008), 0);
	machine_destroy(&m);
	CHECK(!m.wrong);
	machine_init(&m);
	guest();
	ccw1(CCWS, READ, 0, 8, DATA);
	ACCEPT(F, DONE, 0);
}

static void any_allocation_may_fail(void)
{
	int first, nth, kind, ret, refused = 0;

	/* the first CCW needs the first arrays: data, a list of IDAWs, or nothing */
	for (first = 0; first < 3; first++) {
		for (nth = 1; nth < 24; nth++) {
			machine_destroy(&m);
			machine_init(&m);
			guest();
			if (!first)
				ccw1(CCWS, READ, CC, 65535, DATA);
			else if (first == 1)
				ccw1(CCWS, READ, CC | IDA, 8, CCWS + 0x800);
			else
				ccw1(CCWS, READ, CC | SKIP, 65535, 0);
			put(CCWS + 0x800, DATA, 8);
			ccw1(CCWS + 8, READ, SKIP | CC, 65535, DATA);
			ccw1(CCWS + 16, TIC, 0, 0, CCWS + 0x900);
			ccw1(CCWS + 0x900, READ, 0, 65535, DATA);
			kind = nth % 2;
			if (kind)
				m.fail_alloc = nth / 2 + 1;
			else
				shim_fail = nth / 2;
			ret = start(F | H, CCWS);
			shim_fail = 0;
			m.fail_alloc = 0;
			CHECK(!ret || ret == -ENOMEM);
			refused += !!ret;
			ACCEPT(F | H, DONE, 288);
		}
	}
	CHECK(refused >= 12);
}

#define TEST(name) { #name, name }

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	TEST(direct_data_of_any_alignment),
	TEST(format_0),
	TEST(format_0_has_sixteen_tic_codes),
	TEST(format_1_has_one_tic_code),
	TEST(format_0_count_0_is_a_program_check),
	TEST(format_1_count_0_transfers_nothing),
	TEST(format_1_address_of_32_bits_is_a_program_check),
	TEST(length_suppression_of_format_0_is_kept),
	TEST(data_ends_at_the_last_address),
	TEST(read_backward),
	TEST(read_backward_with_idaws),
	TEST(read_backward_in_a_data_chain),
	TEST(forward_and_backward_at_once_is_refused),
	TEST(idaws_of_each_format_and_size),
	TEST(idaws_beyond_2_gib),
	TEST(format_1_idaw_has_31_bits),
	TEST(idaw_beside_a_block_boundary_is_refused),
	TEST(idal_beside_its_boundary_is_a_program_check),
	TEST(idal_that_crosses_a_page),
	TEST(idal_that_ends_right_before_a_hole),
	TEST(idal_at_the_last_address),
	TEST(each_idaw_is_read_once),
	TEST(idaws_of_2k_make_all_lists_2k),
	TEST(midaws_are_refused),
	TEST(command_and_data_chaining),
	TEST(residual_counts),
	TEST(flags_are_kept),
	TEST(tic_into_another_segment),
	TEST(tic_into_the_middle_of_a_segment),
	TEST(tic_in_a_data_chain),
	TEST(search_and_tic_back),
	TEST(loop_right_before_a_hole),
	TEST(modifier_to_the_next_but_one),
	TEST(modifier_past_the_end_is_a_program_check),
	TEST(tic_to_a_tic_is_a_program_check),
	TEST(tic_beside_a_ccw_is_a_program_check),
	TEST(tic_to_a_hole_is_refused),
	TEST(segment_of_256_ccws),
	TEST(sixteen_segments),
	TEST(a_program_of_the_greatest_size),
	TEST(skipped_data_need_not_be_mapped),
	TEST(noop_data_need_not_be_mapped),
	TEST(no_data_by_the_code_but_by_the_chain),
	TEST(unknown_commands_reach_the_device),
	TEST(one_byte_outside_is_refused),
	TEST(pages_are_named_by_their_address),
	TEST(pages_are_listed_once),
	TEST(program_right_before_a_hole),
	TEST(program_at_the_last_address),
	TEST(uses_compares_whole_ranges),
	TEST(no_host_address_leaves),
	TEST(subchannel_logout),
	TEST(orb_bits),
	TEST(transport_mode_is_refused),
	TEST(without_prefetch),
	TEST(nothing_is_allocated_for_the_next_program),
	TEST(nothing_is_left_after_an_error),
	TEST(any_allocation_may_fail),
};

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0;
	bool bad = false;

	for (i = 0; i < COUNT(tests); i++)
		n += wanted(tests[i].name, argc, argv);
	printf("TAP version 13\n1..%u\n", n);
	n = 0;
	machine_init(&m);
	for (i = 0; i < COUNT(tests); i++) {
		if (!wanted(tests[i].name, argc, argv))
			continue;
		failed = false;
		test_name = tests[i].name;
		tests[i].run();
		bad |= failed;
		printf("%sok %u %s\n", failed ? "not " : "", ++n, test_name);
		fflush(stdout);
	}
	machine_destroy(&m);
	if (m.wrong)
		printf("# %s\n", m.wrong);
	return bad || m.wrong || !n;
}
