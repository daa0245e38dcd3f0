/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest and a host in small: guest pages, mapped or not, at host addresses that have nothing to
 * do with them
 */
#ifndef _VFIO_CCW_CP_MACHINE_H_
#define _VFIO_CCW_CP_MACHINE_H_

#include "channel.h"
#include "vfio_ccw_cp.h"

#define PAGE		4096
#define SLOTS		40

typedef u8 page_t[PAGE];

/**
 * struct machine - the guest, and the translation of its programs
 * @cp: the translation
 * @behind: stays zero
 * @iova: guest address of each page; pages are added by machine_map()
 * @frame: host address of each page
 * @slots: number of pages
 * @written: contents when the program starts
 * @guest: contents after the guest's program has run on guest memory
 * @host: contents after the translated program has run on host memory
 * @reads: calls of the read callback
 * @race: bytes that are flipped in guest memory after each read
 * @blocks: blocks that were allocated and not freed
 * @fail_alloc: let the nth block from now fail, counted from 1
 * @wrong: the first rule that the translation broke, or NULL
 */
struct machine {
	struct vfio_ccw_cp cp;
	u8 behind[1024];
	u64 iova[SLOTS];
	u64 frame[SLOTS];
	unsigned int slots;
	page_t written[SLOTS];
	page_t guest[SLOTS];
	page_t host[SLOTS];
	unsigned int reads;
	bool race;
	unsigned int blocks;
	unsigned int fail_alloc;
	const char *wrong;
};

void machine_init(struct machine *m);
void machine_destroy(struct machine *m);
/* Forget the guest's pages; the translation keeps its memory. */
void machine_clear(struct machine *m);
/* Map the page at @iova, filled with bytes that depend on it. Return: its contents. */
u8 *machine_map(struct machine *m, u64 iova);
/* The byte at @iova in @image: @written, @guest or @host; NULL if it is not mapped. */
u8 *machine_byte(struct machine *m, page_t *image, u64 iova);

/* Translate; pin; fill. Return: 0, or the error of the translation or of pinning. */
int machine_translate(struct machine *m, const void *orb);
/* Run the translated program with @device on @host. */
void machine_run_host(struct machine *m, const struct device *device, struct run *run);
/* Run the guest's program with @device on @guest. CCWs and IDAWs are those of the start. */
void machine_run_guest(struct machine *m, const void *orb, const struct device *device,
		       struct run *run);
/*
 * Translate, run both and compare. Return: 0 or the error of machine_translate(); @wrong says
 * what differs. @run, if not NULL: the result.
 */
int machine_compare(struct machine *m, const void *orb, const struct device *device,
		    struct run *run);
/* An IRB with the CCW address @cpa after vfio_ccw_cp_status(): the CCW address. */
u32 machine_status(struct machine *m, u32 cpa);

#endif
