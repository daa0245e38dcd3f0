/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-ccw: translation of channel programs
 *
 * A channel program of a guest has guest addresses. The translation reads it once, and makes a copy
 * with host addresses and a list of the guest pages that it uses. It pins nothing, takes no lock
 * and calls nothing but its callbacks and the allocator, so the same source runs in user space,
 * where it is tested and fuzzed (tools/testing/vfio_ccw_cp/).
 *
 *	vfio_ccw_cp_init()	when the device is opened
 *	vfio_ccw_cp_translate()	for each program; the caller then pins the pages of
 *				&vfio_ccw_cp.runs and enters their addresses into &vfio_ccw_cp.host
 *	vfio_ccw_cp_fill()	the program is ready: START SUBCHANNEL with &vfio_ccw_cp.orb
 *	vfio_ccw_cp_status()	for each interrupt
 *	vfio_ccw_cp_discard()	the program has ended and its pages are unpinned
 *	vfio_ccw_cp_destroy()	when the device is closed
 *
 * Memory is kept from one program to the next: translating allocates only for a program that is
 * larger than all before it.
 *
 * References are to z/Architecture Principles of Operation, SA22-7832, chapters "I/O Overview",
 * "Basic I/O Functions" (operation-request block, channel-command word, indirect-data-address word)
 * and "I/O Interruptions" (interruption-response block).
 */
#ifndef _VFIO_CCW_CP_H_
#define _VFIO_CCW_CP_H_

#include <linux/bits.h>
#include <linux/types.h>

/* Guest memory is mapped, pinned and listed in pages of this size; a block has it too. */
#define VFIO_CCW_CP_PAGE_SHIFT	12
#define VFIO_CCW_CP_PAGE_SIZE	BIT(VFIO_CCW_CP_PAGE_SHIFT)

/*
 * CCWs in a segment, which is a row of CCWs up to the first that does not chain. The limit of
 * vfio_ccw_cp.h in Linux 4.12 to 7.3 (CCWCHAIN_LEN_MAX).
 */
#define VFIO_CCW_CP_LENGTH_MAX	256
/* Segments in a program. The limit of vfio_ccw_cp.h in Linux 7.3 (CCWCHAIN_COUNT_MAX). */
#define VFIO_CCW_CP_SEGMENTS_MAX	16

struct vfio_ccw_cp;
struct vfio_ccw_cp_ccw;

/**
 * struct vfio_ccw_cp_block - memory for CCWs and IDAWs of the host program
 * @virt: VFIO_CCW_CP_PAGE_SIZE bytes, aligned to that size
 * @addr: absolute address of @virt, below 2 GiB: CCWs have 31 bits for the address of an IDAL
 * @idaws: offset of the first IDAW in bytes; CCWs are below it
 * @used: offset of the first unused byte
 */
struct vfio_ccw_cp_block {
	void *virt;
	u32 addr;
	u16 idaws;
	u16 used;
};

/**
 * struct vfio_ccw_cp_segment - a row of CCWs
 * @ccws: the CCWs of the host program
 * @guest: address of the first CCW in the guest
 * @host: absolute address of @ccws
 * @length: number of CCWs; one invalid CCW follows them
 * @has_tic: one of them is a transfer in channel
 */
struct vfio_ccw_cp_segment {
	struct vfio_ccw_cp_ccw *ccws;
	u32 guest;
	u32 host;
	u32 length;
	bool has_tic;
};

/**
 * struct vfio_ccw_cp_run - guest pages that the program uses, adjacent in guest memory
 * @iova: address of the first page, a multiple of VFIO_CCW_CP_PAGE_SIZE
 * @first: index of the first page in &vfio_ccw_cp.host
 * @nr: number of pages
 *
 * A page may be in more than one run; it is pinned and unpinned once for each.
 */
struct vfio_ccw_cp_run {
	u64 iova;
	u32 first;
	u32 nr;
};

/**
 * struct vfio_ccw_cp_ops - what the translation needs from its caller
 * @read: copy @len bytes of guest memory from @iova to @to. All bytes are in one page of
 *	VFIO_CCW_CP_PAGE_SIZE. Return: 0 or an error, which vfio_ccw_cp_translate() returns
 * @alloc: allocate a block: set its virt and addr. Return: 0 or -ENOMEM
 * @free: free virt of a block
 *
 * All may sleep. vfio_ccw_cp_translate() calls @read and @alloc; vfio_ccw_cp_destroy() calls @free.
 */
struct vfio_ccw_cp_ops {
	int (*read)(struct vfio_ccw_cp *cp, u64 iova, void *to, size_t len);
	int (*alloc)(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block);
	void (*free)(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block);
};

/**
 * struct vfio_ccw_cp - a translated channel program, and memory for the next one
 * @ops: callbacks
 * @orb: words 0 to 2 of the ORB for START SUBCHANNEL. The caller sets the interruption parameter
 *	(word 0), and the logical-path mask where it is zero. The storage-access key is zero
 * @runs: the pages that the program uses; the caller pins and unpins them
 * @host: absolute address of each page; the caller enters host[run->first] and following.
 *	host[0] is internal, so @first of a run is never 0
 * @nr_runs: number of entries in use in @runs
 * @nr_pages: number of entries in use in @host, host[0] included
 * @no_prefetch: the guest does not allow prefetching (P of the ORB is zero), which needs a warning:
 *	the translation reads all CCWs and IDAWs before the start, so that a program which
 *	changes its own CCWs or IDAWs runs as it was at the start
 * @why: after an error, the reason as a constant text without a newline; otherwise NULL
 * @where: after an error, the guest address of the CCW concerned, or of the first CCW
 * @first_page: lowest address of a page in @runs
 * @last_page: highest address of a page in @runs
 *
 * The rest is internal. Locking: the caller's; in vfio-ccw, io_mutex.
 */
struct vfio_ccw_cp {
	const struct vfio_ccw_cp_ops *ops;
	__be32 orb[3];
	struct vfio_ccw_cp_run *runs;
	u64 *host;
	u32 nr_runs;
	u32 nr_pages;
	bool no_prefetch;
	const char *why;
	u32 where;
	u64 first_page;
	u64 last_page;

	/* private: */
	u32 flags;
	u32 limit;
	u32 block_size;
	u32 runs_room;
	u32 host_room;
	struct vfio_ccw_cp_block *blocks;
	u32 nr_blocks;
	u32 blocks_room;
	u32 blocks_used;
	u32 block;
	struct vfio_ccw_cp_block sink;
	u32 nr_segments;
	struct vfio_ccw_cp_segment segments[VFIO_CCW_CP_SEGMENTS_MAX];
};

void vfio_ccw_cp_init(struct vfio_ccw_cp *cp, const struct vfio_ccw_cp_ops *ops);
void vfio_ccw_cp_destroy(struct vfio_ccw_cp *cp);
int vfio_ccw_cp_translate(struct vfio_ccw_cp *cp, const void *orb);
void vfio_ccw_cp_fill(struct vfio_ccw_cp *cp);
void vfio_ccw_cp_discard(struct vfio_ccw_cp *cp);
bool vfio_ccw_cp_uses(const struct vfio_ccw_cp *cp, u64 iova, u64 length);
void vfio_ccw_cp_status(const struct vfio_ccw_cp *cp, void *irb);

#endif
