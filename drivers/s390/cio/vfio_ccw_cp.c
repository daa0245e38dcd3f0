// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: translation of channel programs
 *
 * The host program has the CCWs of the guest's program in format 1, segment by segment, each at the
 * same distance from the start of its segment as in the guest: so a status address translates back
 * by a subtraction. A CCW that transfers data gets a list of format-2 IDAWs, one for each block of
 * 4 KiB, or of 2 KiB if the guest's IDAWs have that size.
 *
 * Until vfio_ccw_cp_fill(), an IDAW contains an index into &vfio_ccw_cp.host and the offset in that
 * page.
 *
 * Rules:
 *  - All that the channel can reach from the ORB is translated or invalid. The channel continues at
 *    a CCW by chaining, by TIC, and two CCWs further on when a device signals status modifier at
 *    the end of a command that chains commands. One CCW of zeros follows each segment for the
 *    latter: command code 0 is a program check.
 *  - An error that the channel finds when it fetches a CCW stays one: the CCW becomes zeros, and
 *    the guest sees a program check if and when its program gets there. An error in the storage of
 *    a program refuses it at the start: whatever it reads, writes or jumps to must be mapped.
 *  - Each CCW and each IDAW is read once. A guest may change them meanwhile.
 *
 * Documentation/driver-api/channel-programs.rst lists what is accepted and what is refused.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#include <asm/cio.h>

#include "vfio_ccw_cp.h"

#define PAGE_OFFSET_MASK	(VFIO_CCW_CP_PAGE_SIZE - 1)

/* Word 1 of the ORB, by the letters of the Principles of Operation. */
#define ORB_SUSPEND		0x08000000u	/* S */
#define ORB_STREAMING		0x04000000u	/* C */
#define ORB_MODIFICATION	0x02000000u	/* M */
#define ORB_SYNCHRONIZATION	0x01000000u	/* Y */
#define ORB_FORMAT_1		0x00800000u	/* F */
#define ORB_PREFETCH		0x00400000u	/* P */
#define ORB_INITIAL_STATUS	0x00200000u	/* I */
#define ORB_SUPPRESS_SUSPENDED	0x00080000u	/* U */
#define ORB_TRANSPORT_MODE	0x00040000u	/* B */
#define ORB_IDAW_2		0x00020000u	/* H */
#define ORB_IDAW_2K		0x00010000u	/* T */
#define ORB_PATHS		0x0000ff00u	/* LPM */
#define ORB_LENGTH_SUPPRESSION	0x00000080u	/* L */
#define ORB_MIDAW		0x00000040u	/* D */

/*
 * Bits of the guest's ORB that the host's ORB has too. Not the key, which is about guest storage;
 * not A, which compares addresses with a limit that the guest cannot set; not D and X, which have
 * more operands.
 */
#define ORB_KEPT	(ORB_SUSPEND | ORB_STREAMING | ORB_MODIFICATION | ORB_SYNCHRONIZATION | \
			 ORB_PREFETCH | ORB_INITIAL_STATUS | ORB_SUPPRESS_SUSPENDED | ORB_PATHS | \
			 ORB_LENGTH_SUPPRESSION)

/* CCW flag: modified indirect data addressing */
#define CCW_MIDA		0x01

/* &vfio_ccw_cp.flags: what the ORB says, and what the CCWs have */
#define CP_FORMAT_1		0x01	/* CCWs of format 1 */
#define CP_IDAW_2		0x02	/* IDAWs of format 2 */
#define CP_MIDAW		0x04	/* MIDAWs are allowed */
#define CP_HAS_IDA		0x08	/* a CCW has a list of IDAWs */
#define CP_HAS_BACKWARD		0x10	/* a CCW has a read-backward command */
#define CP_DATA_TIC		0x20	/* a TIC follows a CCW that chains data */
#define CP_HAS_TIC		0x40	/* there is a TIC */

/* Addresses in CCWs and IDAWs of format 0 and 1. */
#define LIMIT_24_BITS		0x01000000u
#define LIMIT_31_BITS		0x80000000u

/* IDAWs of one CCW: 65,535 bytes that begin at the end of a block of 2 KiB. */
#define IDAWS_MAX		33

/* Extended-report word: words 2 and 3, and 4, of the ESW are valid; 2 and 3 are one address. */
#define ERW_FAILING_STORAGE	0x02000000u
#define ERW_SECONDARY_CCW	0x00800000u
#define ERW_64_BITS		0x00400000u

/* Words of the interruption-response block. */
#define IRB_CCW_ADDRESS		1
#define IRB_ERW			4
#define IRB_FAILING_STORAGE	5
#define IRB_SECONDARY_CCW	7

/* Format 1. */
struct vfio_ccw_cp_ccw {
	u8 code;
	u8 flags;
	__be16 count;
	__be32 addr;
} __aligned(8);

struct ccw_format_0 {
	u8 code;
	u8 addr[3];
	u8 flags;
	u8 ignored;
	__be16 count;
};

static int cp_fail(struct vfio_ccw_cp *cp, int error, u32 where, const char *why)
{
	cp->where = where;
	cp->why = why;
	return error;
}

/* Memory */

/*
 * Room for @need entries of @size bytes in an array that has *@room of them. Return: the array, or
 * NULL if there is no memory; the old array stays then.
 */
static void *cp_grow(void *array, u32 *room, u32 need, size_t size)
{
	u32 more = max(need, 2 * *room);
	void *new = kvmalloc_array(more, size, GFP_KERNEL_ACCOUNT);

	if (!new)
		return NULL;
	if (array)
		memcpy(new, array, *room * size);
	kvfree(array);
	*room = more;
	return new;
}

/* Room for the pages of one CCW. */
static int cp_reserve_pages(struct vfio_ccw_cp *cp)
{
	if (cp->nr_runs + IDAWS_MAX > cp->runs_room) {
		struct vfio_ccw_cp_run *runs = cp_grow(cp->runs, &cp->runs_room,
						       cp->nr_runs + IDAWS_MAX, sizeof(*runs));

		if (!runs)
			return -ENOMEM;
		cp->runs = runs;
	}
	if (cp->nr_pages + IDAWS_MAX > cp->host_room) {
		u64 *host = cp_grow(cp->host, &cp->host_room, cp->nr_pages + IDAWS_MAX,
				    sizeof(*host));

		if (!host)
			return -ENOMEM;
		cp->host = host;
	}
	return 0;
}

/* A block more for this program; kept from an earlier one or new. */
static int cp_add_block(struct vfio_ccw_cp *cp)
{
	struct vfio_ccw_cp_block *block;
	int ret;

	if (cp->blocks_used == cp->blocks_room) {
		block = cp_grow(cp->blocks, &cp->blocks_room, cp->blocks_used + 1, sizeof(*block));
		if (!block)
			return -ENOMEM;
		cp->blocks = block;
	}
	block = &cp->blocks[cp->blocks_used];
	if (cp->blocks_used == cp->nr_blocks) {
		ret = cp->ops->alloc(cp, block);
		if (ret)
			return ret;
		cp->nr_blocks++;
	}
	block->idaws = 0;
	block->used = 0;
	cp->blocks_used++;
	return 0;
}

/* The next block with room for @bytes, which are less than a page. NULL: no memory. */
static struct vfio_ccw_cp_block *cp_room(struct vfio_ccw_cp *cp, u32 bytes)
{
	while (cp->block < cp->blocks_used) {
		struct vfio_ccw_cp_block *block = &cp->blocks[cp->block];

		if (block->used + bytes <= VFIO_CCW_CP_PAGE_SIZE)
			return block;
		cp->block++;
	}
	if (cp_add_block(cp))
		return NULL;
	return &cp->blocks[cp->block];
}

/* The first pass: segments */

static void ccw_from_format_0(struct vfio_ccw_cp_ccw *ccw)
{
	struct ccw_format_0 old;

	memcpy(&old, ccw, sizeof(old));
	ccw->addr = cpu_to_be32(old.addr[0] << 16 | old.addr[1] << 8 | old.addr[2]);
	if ((old.code & 0x0f) == CCW_CMD_TIC) {
		/* format 0 has sixteen codes for it and ignores flags and count */
		ccw->code = CCW_CMD_TIC;
		ccw->flags = 0;
		ccw->count = 0;
	} else if (!old.count) {
		/* a program check in format 0, but not in format 1 */
		memset(ccw, 0, sizeof(*ccw));
	} else {
		ccw->flags = old.flags;
		ccw->count = old.count;
	}
}

static bool ccw_is_tic(const struct vfio_ccw_cp_ccw *ccw)
{
	return ccw->code == CCW_CMD_TIC;
}

static bool ccw_chains(const struct vfio_ccw_cp_ccw *ccw)
{
	return !ccw_is_tic(ccw) && ccw->flags & (CCW_FLAG_CC | CCW_FLAG_DC);
}

static bool ccw_chains_data(const struct vfio_ccw_cp_ccw *ccw)
{
	return !ccw_is_tic(ccw) && ccw->flags & CCW_FLAG_DC;
}

static bool ccw_chains_command(const struct vfio_ccw_cp_ccw *ccw)
{
	return ccw_chains(ccw) && !ccw_chains_data(ccw);
}

static bool ccw_is_backward(const struct vfio_ccw_cp_ccw *ccw)
{
	return (ccw->code & 0x0f) == 0x0c;
}

/* Read, read backward or sense: for other commands, the skip flag is ignored. */
static bool ccw_is_input(const struct vfio_ccw_cp_ccw *ccw)
{
	return (ccw->code & 0x03) == 0x02 || ccw_is_backward(ccw) || (ccw->code & 0x0f) == 0x04;
}

static bool segment_has(const struct vfio_ccw_cp_segment *segment, u32 guest)
{
	return guest >= segment->guest && (guest - segment->guest) / 8 < segment->length;
}

/*
 * After a TIC: the channel gets to the next CCW by status modifier, so only if the CCW before the
 * TIC chains commands. That is a loop, such as SEARCH ID EQUAL, TIC to the search, READ DATA.
 * A TIC to another segment ends this one, because anything may follow it in guest storage.
 */
static bool segment_continues(const struct vfio_ccw_cp_segment *segment,
			      const struct vfio_ccw_cp_ccw *tic)
{
	return tic > segment->ccws && ccw_chains_command(tic - 1) &&
	       segment_has(segment, be32_to_cpu(tic->addr));
}

/* Note in &vfio_ccw_cp.flags what concerns all of the program. */
static void cp_note(struct vfio_ccw_cp *cp, const struct vfio_ccw_cp_segment *segment,
		    const struct vfio_ccw_cp_ccw *ccw)
{
	if (ccw_is_tic(ccw)) {
		cp->flags |= CP_HAS_TIC;
		if (ccw > segment->ccws && ccw_chains_data(ccw - 1))
			cp->flags |= CP_DATA_TIC;
		return;
	}
	if (ccw->flags & CCW_FLAG_IDA)
		cp->flags |= CP_HAS_IDA;
	if (ccw_is_backward(ccw))
		cp->flags |= CP_HAS_BACKWARD;
}

/*
 * Read CCWs to the end of the segment. A read goes to the end of the page, because a page is mapped
 * as a whole: it fails only where the channel would.
 */
static int segment_read(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_segment *segment)
{
	bool after_tic = false;
	u32 n, have = 0;
	int ret;

	for (n = 0; n < VFIO_CCW_CP_LENGTH_MAX; n++) {
		struct vfio_ccw_cp_ccw *ccw = segment->ccws + n;

		if (n == have) {
			u32 guest = segment->guest + n * sizeof(*ccw);
			u32 bytes = min_t(u32, VFIO_CCW_CP_PAGE_SIZE - (guest & PAGE_OFFSET_MASK),
					  (VFIO_CCW_CP_LENGTH_MAX - n) * sizeof(*ccw));

			ret = guest < cp->limit ? cp->ops->read(cp, guest, ccw, bytes) : -EINVAL;
			if (ret && after_tic)
				return 0;
			if (ret)
				return cp_fail(cp, ret, guest, "CCW not mapped");
			have += bytes / sizeof(*ccw);
		}
		if (!(cp->flags & CP_FORMAT_1))
			ccw_from_format_0(ccw);
		segment->length = n + 1;
		cp_note(cp, segment, ccw);
		after_tic = ccw_is_tic(ccw);
		segment->has_tic |= after_tic;
		if (after_tic ? !segment_continues(segment, ccw) : !ccw_chains(ccw))
			return 0;
	}
	return cp_fail(cp, -EINVAL, segment->guest, "more than 256 CCWs in a segment");
}

static int cp_add_segment(struct vfio_ccw_cp *cp, u32 guest)
{
	const u32 room = (VFIO_CCW_CP_LENGTH_MAX + 1) * sizeof(struct vfio_ccw_cp_ccw);
	struct vfio_ccw_cp_segment *segment = &cp->segments[cp->nr_segments];
	struct vfio_ccw_cp_block *block;
	int ret;

	if (cp->nr_segments == VFIO_CCW_CP_SEGMENTS_MAX)
		return cp_fail(cp, -EINVAL, guest, "more than 16 segments");
	block = cp_room(cp, room);
	if (!block)
		return cp_fail(cp, -ENOMEM, guest, "no memory");

	segment->ccws = block->virt + block->used;
	segment->guest = guest;
	segment->host = block->addr + block->used;
	segment->length = 0;
	segment->has_tic = false;
	cp->nr_segments++;
	ret = segment_read(cp, segment);
	if (ret)
		return ret;

	memset(segment->ccws + segment->length, 0, sizeof(*segment->ccws));
	block->used += (segment->length + 1) * sizeof(*segment->ccws);
	block->idaws = block->used;
	return 0;
}

/* The host address of a CCW in *@host. Return: whether the program has that CCW. */
static bool cp_host_ccw(const struct vfio_ccw_cp *cp, u32 guest, u32 *host)
{
	u32 i;

	for (i = 0; i < cp->nr_segments; i++) {
		if (segment_has(&cp->segments[i], guest)) {
			*host = cp->segments[i].host + (guest - cp->segments[i].guest);
			return true;
		}
	}
	return false;
}

/* Add the segments that the TICs of @segment lead to. */
static int segment_link(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_segment *segment)
{
	u32 n, host;
	int ret;

	for (n = 0; n < segment->length; n++) {
		struct vfio_ccw_cp_ccw *ccw = segment->ccws + n;
		u32 target = be32_to_cpu(ccw->addr);

		if (!ccw_is_tic(ccw))
			continue;
		if (target >= cp->limit || target % sizeof(*ccw)) {
			memset(ccw, 0, sizeof(*ccw));
			continue;
		}
		if (!cp_host_ccw(cp, target, &host)) {
			ret = cp_add_segment(cp, target);
			if (ret)
				return ret;
			host = cp->segments[cp->nr_segments - 1].host;
		}
		ccw->addr = cpu_to_be32(host);
	}
	return 0;
}

/* The second pass: data */

/* The index in &vfio_ccw_cp.host for a page. Its caller has reserved room. */
static u64 cp_page(struct vfio_ccw_cp *cp, u64 iova)
{
	struct vfio_ccw_cp_run *run;
	u32 back;

	/* A CCW often has the page of its predecessor, or one of a few that take turns. */
	for (back = 1; back <= 4 && back <= cp->nr_runs; back++) {
		u64 distance;

		run = &cp->runs[cp->nr_runs - back];
		distance = (iova - run->iova) >> VFIO_CCW_CP_PAGE_SHIFT;
		if (iova >= run->iova && distance < run->nr)
			return run->first + distance;
		if (back == 1 && iova > run->iova && distance == run->nr) {
			run->nr++;
			goto added;
		}
	}
	run = &cp->runs[cp->nr_runs++];
	run->iova = iova;
	run->first = cp->nr_pages;
	run->nr = 1;
added:
	cp->first_page = min(cp->first_page, iova);
	cp->last_page = max(cp->last_page, iova);
	return cp->nr_pages++;
}

/* An IDAW as it is until vfio_ccw_cp_fill(). */
static __be64 cp_idaw(struct vfio_ccw_cp *cp, u64 iova)
{
	u64 offset = iova & PAGE_OFFSET_MASK;

	return cpu_to_be64(cp_page(cp, iova - offset) << VFIO_CCW_CP_PAGE_SHIFT | offset);
}

/* Blocks that the channel touches: @count bytes from @addr upwards, or downwards. */
static u32 cp_nr_idaws(const struct vfio_ccw_cp *cp, u64 addr, u32 count, bool backward)
{
	u32 mask = cp->block_size - 1;
	u32 before = (backward ? ~addr : addr) & mask;

	return (before + count + mask) / cp->block_size;
}

/* Size of the guest's IDAWs. */
static u32 cp_idaw_size(const struct vfio_ccw_cp *cp)
{
	return cp->flags & CP_IDAW_2 ? sizeof(__be64) : sizeof(__be32);
}

/* Room for the IDAWs of a CCW; cp_use_idaws() takes as many as there are in the end. */
static struct vfio_ccw_cp_block *cp_idaws_room(struct vfio_ccw_cp *cp, u32 nr)
{
	if (cp_reserve_pages(cp))
		return NULL;
	return cp_room(cp, nr * sizeof(__be64));
}

static void cp_use_idaws(struct vfio_ccw_cp_block *block, struct vfio_ccw_cp_ccw *ccw, u32 nr)
{
	ccw->addr = cpu_to_be32(block->addr + block->used);
	ccw->flags |= CCW_FLAG_IDA;
	block->used += nr * sizeof(__be64);
}

/* Whether the channel accepts the data address when it fetches the CCW. */
static bool cp_addr_valid(const struct vfio_ccw_cp *cp, const struct vfio_ccw_cp_ccw *ccw)
{
	u32 addr = be32_to_cpu(ccw->addr);

	if (addr >= cp->limit)
		return false;
	return !(ccw->flags & CCW_FLAG_IDA) || addr % cp_idaw_size(cp) == 0;
}

/* A CCW with the address of its data. */
static int cp_direct(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_ccw *ccw, u32 where, bool backward)
{
	u32 addr = be32_to_cpu(ccw->addr), count = be16_to_cpu(ccw->count);
	u32 nr = cp_nr_idaws(cp, addr, count, backward), n;
	struct vfio_ccw_cp_block *block;
	__be64 *idaws;

	if (backward ? addr < count - 1 : addr + count > cp->limit)
		return cp_fail(cp, -EINVAL, where, "data beyond the last or the first address");
	block = cp_idaws_room(cp, nr);
	if (!block)
		return cp_fail(cp, -ENOMEM, where, "no memory");

	idaws = block->virt + block->used;
	idaws[0] = cp_idaw(cp, addr);
	if (backward)
		addr |= cp->block_size - 1;
	else
		addr &= ~(cp->block_size - 1);
	for (n = 1; n < nr; n++) {
		addr += backward ? -cp->block_size : cp->block_size;
		idaws[n] = cp_idaw(cp, addr);
	}
	cp_use_idaws(block, ccw, nr);
	return 0;
}

/*
 * A CCW with the address of a list of IDAWs. The first one says how many there are: it is read
 * together with the rest of its page, and the list is used as it was read.
 */
static int cp_indirect(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_ccw *ccw, u32 where,
		       bool backward)
{
	u32 list = be32_to_cpu(ccw->addr), count = be16_to_cpu(ccw->count);
	u32 size = cp_idaw_size(cp);
	u32 mask = cp->block_size - 1, room, nr, n, bytes;
	struct vfio_ccw_cp_block *block;
	__be64 *idaws;
	__be32 *old;
	int ret;

	/* as many as if the first IDAW were the end of its block */
	room = (mask + count + mask) / cp->block_size;
	block = cp_idaws_room(cp, room);
	if (!block)
		return cp_fail(cp, -ENOMEM, where, "no memory");

	idaws = block->virt + block->used;
	/* IDAWs of format 1 are half as long: from the second half, they can be widened in place */
	old = (__be32 *)(idaws + room) - room;
	nr = room;
	bytes = min_t(u32, room * size, VFIO_CCW_CP_PAGE_SIZE - (list & PAGE_OFFSET_MASK));
	ret = cp->ops->read(cp, list, size == sizeof(__be64) ? (void *)idaws : old, bytes);
	if (ret)
		return cp_fail(cp, ret, where, "IDAW not mapped");

	for (n = 0; n < nr; n++) {
		u64 addr;

		if (n * size == bytes) {
			void *to = size == sizeof(__be64) ? (void *)(idaws + n) : old + n;

			ret = list + bytes < cp->limit ?
			      cp->ops->read(cp, list + bytes, to, nr * size - bytes) : -EINVAL;
			if (ret)
				return cp_fail(cp, ret, where, "IDAW not mapped");
		}
		addr = size == sizeof(__be64) ? be64_to_cpu(idaws[n]) : be32_to_cpu(old[n]);
		if (size == sizeof(__be32) && addr >= LIMIT_31_BITS)
			return cp_fail(cp, -EINVAL, where, "IDAW of more than 31 bits");
		if (!n)
			nr = cp_nr_idaws(cp, addr, count, backward);
		else if ((addr & mask) != (backward ? mask : 0))
			return cp_fail(cp, -EINVAL, where, "IDAW not on a block boundary");
		idaws[n] = cp_idaw(cp, addr);
	}
	cp_use_idaws(block, ccw, nr);
	return 0;
}

/*
 * A CCW that transfers no data, so that its address need not be mapped. A channel does not use the
 * address; if it does nevertheless, then a page of the driver's.
 */
static int cp_no_data(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_ccw *ccw, u32 where)
{
	u32 nr = cp_nr_idaws(cp, 0, be16_to_cpu(ccw->count), false), n;
	struct vfio_ccw_cp_block *block;
	__be64 *idaws;

	if (!cp->sink.virt && cp->ops->alloc(cp, &cp->sink))
		return cp_fail(cp, -ENOMEM, where, "no memory");
	block = cp_idaws_room(cp, nr);
	if (!block)
		return cp_fail(cp, -ENOMEM, where, "no memory");

	memset(cp->sink.virt, 0, VFIO_CCW_CP_PAGE_SIZE);
	cp->host[0] = cp->sink.addr;
	idaws = block->virt + block->used;
	for (n = 0; n < nr; n++)
		idaws[n] = 0;
	if (ccw_is_backward(ccw))
		for (n = 0; n < nr; n++)
			idaws[n] = cpu_to_be64(cp->block_size - 1);
	cp_use_idaws(block, ccw, nr);
	return 0;
}

/*
 * Translate the data address of each CCW.
 *
 * The channel ignores the command code of a CCW that it reaches by chaining data: the direction is
 * that of the command, and a code that would transfer no data transfers data.
 */
static int segment_translate(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_segment *segment)
{
	bool backward = false;
	u32 n;
	int ret = 0;

	for (n = 0; n < segment->length && !ret; n++) {
		struct vfio_ccw_cp_ccw *ccw = segment->ccws + n;
		u32 where = segment->guest + n * sizeof(*ccw);
		bool by_data = n && ccw_chains_data(ccw - 1);

		if (ccw_is_tic(ccw))
			continue;
		if (ccw->flags & CCW_MIDA && cp->flags & CP_MIDAW)
			return cp_fail(cp, -EOPNOTSUPP, where, "MIDAWs are not supported");
		if (!by_data)
			backward = ccw_is_backward(ccw);
		else if (backward != ccw_is_backward(ccw) && ccw->code & 0x0f &&
			 (cp->flags & CP_HAS_TIC || (n > 1 && ccw_chains_command(ccw - 2))))
			return cp_fail(cp, -EOPNOTSUPP, where,
				       "CCW that chaining reaches forward and backward");
		by_data |= !!(cp->flags & CP_DATA_TIC);

		if (!cp_addr_valid(cp, ccw)) {
			memset(ccw, 0, sizeof(*ccw));
		} else if (!ccw->count) {
			ccw->addr = 0;
			ccw->flags &= ~CCW_FLAG_IDA;
		} else if (!by_data && (ccw->code == CCW_CMD_NOOP ||
					(ccw->flags & CCW_FLAG_SKIP && ccw_is_input(ccw)))) {
			ret = cp_no_data(cp, ccw, where);
		} else if (ccw->flags & CCW_FLAG_IDA) {
			ret = cp_indirect(cp, ccw, where, backward);
		} else {
			ret = cp_direct(cp, ccw, where, backward);
		}
	}
	return ret;
}

static int cp_begin(struct vfio_ccw_cp *cp, const __be32 *orb)
{
	u32 word = be32_to_cpu(orb[1]), first = be32_to_cpu(orb[2]);

	cp->flags = 0;
	cp->nr_segments = 0;
	cp->block = 0;
	cp->blocks_used = 0;
	vfio_ccw_cp_discard(cp);
	cp->no_prefetch = !(word & ORB_PREFETCH);
	cp->why = NULL;

	if (word & ORB_TRANSPORT_MODE)
		return cp_fail(cp, -EOPNOTSUPP, first, "transport mode is not supported");
	if (word & ORB_FORMAT_1)
		cp->flags |= CP_FORMAT_1;
	else
		word |= ORB_LENGTH_SUPPRESSION; /* implied by format 0 */
	if (word & ORB_IDAW_2)
		cp->flags |= CP_IDAW_2;
	if (word & ORB_MIDAW)
		cp->flags |= CP_MIDAW;
	cp->limit = cp->flags & CP_FORMAT_1 ? LIMIT_31_BITS : LIMIT_24_BITS;
	/* IDAWs of format 1 are for 2 KiB; ORB_IDAW_2K is about format 2 */
	cp->block_size = word & ORB_IDAW_2 && !(word & ORB_IDAW_2K) ? 4096 : 2048;

	cp->orb[0] = orb[0];
	cp->orb[1] = cpu_to_be32((word & ORB_KEPT) | ORB_FORMAT_1 | ORB_IDAW_2);
	if (first >= cp->limit || first % sizeof(struct vfio_ccw_cp_ccw))
		return cp_fail(cp, -EINVAL, first, "bad address of the first CCW");
	return 0;
}

/**
 * vfio_ccw_cp_init() - prepare for programs
 * @cp: memory for the translation
 * @ops: callbacks
 *
 * Allocates nothing; vfio_ccw_cp_destroy() undoes it.
 */
void vfio_ccw_cp_init(struct vfio_ccw_cp *cp, const struct vfio_ccw_cp_ops *ops)
{
	memset(cp, 0, sizeof(*cp));
	cp->ops = ops;
	vfio_ccw_cp_discard(cp);
}

/**
 * vfio_ccw_cp_destroy() - free the memory
 * @cp: the translation, after vfio_ccw_cp_init(); all pages are unpinned
 *
 * Context: may sleep. @cp can be initialized again.
 */
void vfio_ccw_cp_destroy(struct vfio_ccw_cp *cp)
{
	u32 i;

	for (i = 0; i < cp->nr_blocks; i++)
		cp->ops->free(cp, &cp->blocks[i]);
	if (cp->sink.virt)
		cp->ops->free(cp, &cp->sink);
	kvfree(cp->blocks);
	kvfree(cp->runs);
	kvfree(cp->host);
	memset(cp, 0, sizeof(*cp));
}

/**
 * vfio_ccw_cp_translate() - translate a channel program
 * @cp: the translation; the pages of the program before are unpinned
 * @orb: words 0 to 2 of the guest's ORB; big endian, aligned to a word
 *
 * On success, the caller pins the pages of &vfio_ccw_cp.runs, enters their addresses into
 * &vfio_ccw_cp.host and calls vfio_ccw_cp_fill(). On an error there is nothing to pin, and
 * &vfio_ccw_cp.why and &vfio_ccw_cp.where tell what is wrong.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: the program has a segment of more than VFIO_CCW_CP_LENGTH_MAX CCWs or more
 * than VFIO_CCW_CP_SEGMENTS_MAX segments, an address that its format does not allow, or an IDAW
 * that is not on a block boundary; -EOPNOTSUPP: it uses MIDAWs, transport mode, or a mix of
 * reading forward and backward that needs two translations; -ENOMEM; an error of the read callback.
 */
int vfio_ccw_cp_translate(struct vfio_ccw_cp *cp, const void *orb)
{
	u32 i;
	int ret;

	ret = cp_begin(cp, orb);
	if (!ret)
		ret = cp_add_segment(cp, be32_to_cpu(((const __be32 *)orb)[2]));
	for (i = 0; i < cp->nr_segments && !ret; i++)
		if (cp->segments[i].has_tic)
			ret = segment_link(cp, &cp->segments[i]);
	if (!ret && cp->flags & CP_DATA_TIC && cp->flags & CP_HAS_BACKWARD)
		ret = cp_fail(cp, -EOPNOTSUPP, cp->segments[0].guest,
			      "read backward with a TIC in data chaining");
	if (!(cp->flags & CP_HAS_IDA))
		cp->block_size = 4096;
	if (cp->block_size == 2048)
		cp->orb[1] |= cpu_to_be32(ORB_IDAW_2K);

	cp->block = 0;
	for (i = 0; i < cp->nr_segments && !ret; i++)
		ret = segment_translate(cp, &cp->segments[i]);
	if (ret) {
		cp->nr_segments = 0;
		cp->blocks_used = 0;
		vfio_ccw_cp_discard(cp);
		return ret;
	}
	cp->orb[2] = cpu_to_be32(cp->segments[0].host);
	return 0;
}

/**
 * vfio_ccw_cp_fill() - enter the host addresses
 * @cp: the translation, once after vfio_ccw_cp_translate(); &vfio_ccw_cp.host is complete
 *
 * Context: any.
 */
void vfio_ccw_cp_fill(struct vfio_ccw_cp *cp)
{
	u32 i;

	for (i = 0; i < cp->blocks_used; i++) {
		struct vfio_ccw_cp_block *block = &cp->blocks[i];
		__be64 *idaw = block->virt + block->idaws, *end = block->virt + block->used;

		for (; idaw < end; idaw++) {
			u64 value = be64_to_cpu(*idaw);

			*idaw = cpu_to_be64(cp->host[value >> VFIO_CCW_CP_PAGE_SHIFT] |
					    (value & PAGE_OFFSET_MASK));
		}
	}
}

/**
 * vfio_ccw_cp_discard() - forget the pages of the program
 * @cp: the translation; all pages are unpinned
 *
 * vfio_ccw_cp_uses() is false from now on. Until the next program, vfio_ccw_cp_status() still
 * translates addresses of CCWs, for an interrupt that arrives late.
 *
 * Context: any.
 */
void vfio_ccw_cp_discard(struct vfio_ccw_cp *cp)
{
	cp->nr_runs = 0;
	cp->nr_pages = 1;
	cp->first_page = ~0ULL;
	cp->last_page = 0;
}

/**
 * vfio_ccw_cp_uses() - whether the program uses a page of a range
 * @cp: the translation
 * @iova: first byte of the range
 * @length: bytes in the range; 0: to the end of the address space
 *
 * Context: any.
 * Return: true or false; false after vfio_ccw_cp_discard().
 */
bool vfio_ccw_cp_uses(const struct vfio_ccw_cp *cp, u64 iova, u64 length)
{
	u64 last = iova + (length - 1);
	u32 i;

	if (last < iova)
		last = ~0ULL;
	if (iova > (cp->last_page | PAGE_OFFSET_MASK) || last < cp->first_page)
		return false;
	for (i = 0; i < cp->nr_runs; i++) {
		const struct vfio_ccw_cp_run *run = &cp->runs[i];
		u64 bytes = (u64)run->nr << VFIO_CCW_CP_PAGE_SHIFT;

		if (iova <= run->iova + (bytes - 1) && last >= run->iova)
			return true;
	}
	return false;
}

/* A status address is 8 higher than that of a CCW. Return: the guest's address, or 0. */
static u32 cp_guest_ccw(const struct vfio_ccw_cp *cp, u32 host)
{
	u32 i;

	for (i = 0; i < cp->nr_segments; i++) {
		const struct vfio_ccw_cp_segment *segment = &cp->segments[i];
		u32 distance = host - segment->host;

		/* one more than CCWs, for the invalid one after them */
		if (host > segment->host &&
		    distance <= (segment->length + 1) * sizeof(struct vfio_ccw_cp_ccw))
			return segment->guest + distance;
	}
	return 0;
}

/* The guest address of a byte of data in *@guest. Return: whether the program uses its page. */
static bool cp_guest_data(const struct vfio_ccw_cp *cp, u64 host, u64 *guest)
{
	u32 i, n;

	for (i = 0; i < cp->nr_runs; i++) {
		const struct vfio_ccw_cp_run *run = &cp->runs[i];

		for (n = 0; n < run->nr; n++) {
			u64 distance = host - cp->host[run->first + n];

			if (distance < VFIO_CCW_CP_PAGE_SIZE) {
				*guest = run->iova + ((u64)n << VFIO_CCW_CP_PAGE_SHIFT) + distance;
				return true;
			}
		}
	}
	return false;
}

/**
 * vfio_ccw_cp_status() - replace the host addresses of an interruption-response block
 * @cp: the translation
 * @irb: the IRB of any interrupt, command mode; big endian, aligned to a word
 *
 * The CCW address of the SCSW and the secondary-CCW address become those of the guest if they are
 * in the program, and zero otherwise; the failing-storage address likewise, as the address of the
 * data. A validity bit of the extended-report word is cleared with the address. Call it before the
 * pages are unpinned.
 *
 * Context: any.
 */
void vfio_ccw_cp_status(const struct vfio_ccw_cp *cp, void *irb)
{
	__be32 *word = irb, *failing = word + IRB_FAILING_STORAGE;
	u32 erw = be32_to_cpu(word[IRB_ERW]), secondary = 0;
	u64 host, guest = 0;

	word[IRB_CCW_ADDRESS] = cpu_to_be32(cp_guest_ccw(cp, be32_to_cpu(word[IRB_CCW_ADDRESS])));

	if (erw & ERW_SECONDARY_CCW)
		secondary = cp_guest_ccw(cp, be32_to_cpu(word[IRB_SECONDARY_CCW]));
	if (!secondary)
		erw &= ~ERW_SECONDARY_CCW;
	word[IRB_SECONDARY_CCW] = cpu_to_be32(secondary);

	host = be32_to_cpu(failing[0]);
	if (erw & ERW_64_BITS)
		host = host << 32 | be32_to_cpu(failing[1]);
	if (!(erw & ERW_FAILING_STORAGE) || !cp_guest_data(cp, host, &guest))
		erw &= ~(ERW_FAILING_STORAGE | ERW_64_BITS);
	else if (cp->flags & CP_IDAW_2)
		erw |= ERW_64_BITS;
	else
		erw &= ~ERW_64_BITS;
	/* the format is the one of the guest's IDAWs */
	failing[0] = cpu_to_be32(erw & ERW_64_BITS ? guest >> 32 : guest);
	failing[1] = cpu_to_be32(erw & ERW_64_BITS ? (u32)guest : 0);
	word[IRB_ERW] = cpu_to_be32(erw);
}
