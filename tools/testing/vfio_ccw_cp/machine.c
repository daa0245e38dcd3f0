// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest and a host in small
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

int shim_allocations;
int shim_fail;

static void wrong(struct machine *m, const char *what)
{
	if (!m->wrong)
		m->wrong = what;
}

static struct machine *machine_of(struct vfio_ccw_cp *cp)
{
	return (struct machine *)((char *)cp - offsetof(struct machine, cp));
}

/* Callbacks of the translation */

static int cp_read(struct vfio_ccw_cp *cp, u64 iova, void *to, size_t len)
{
	struct machine *m = machine_of(cp);
	u8 *from = machine_byte(m, m->written, iova);
	size_t i;

	if (!len || iova % PAGE + len > PAGE)
		wrong(m, "read of nothing, or of more than a page");
	m->reads++;
	if (!from)
		return -EINVAL;
	memcpy(to, from, len);
	for (i = 0; m->race && i < len; i++)
		from[i] ^= m->reads * 37 + i;
	return 0;
}

static int cp_alloc(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block)
{
	struct machine *m = machine_of(cp);

	if (m->fail_alloc && !--m->fail_alloc)
		return -ENOMEM;
	if (posix_memalign(&block->virt, PAGE, PAGE))
		abort();
	/* not adjacent, so that an overrun is seen */
	block->addr = 0x01000000 + m->blocks++ * 3 * PAGE;
	return 0;
}

static void cp_free(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block)
{
	machine_of(cp)->blocks--;
	free(block->virt);
}

static const struct vfio_ccw_cp_ops ops = {
	.read = cp_read,
	.alloc = cp_alloc,
	.free = cp_free,
};

void machine_init(struct machine *m)
{
	memset(m, 0, sizeof(*m));
	vfio_ccw_cp_init(&m->cp, &ops);
}

void machine_destroy(struct machine *m)
{
	vfio_ccw_cp_destroy(&m->cp);
	if (m->blocks)
		wrong(m, "a block was not freed");
}

void machine_clear(struct machine *m)
{
	m->slots = 0;
	m->wrong = NULL;
	m->race = false;
	m->reads = 0;
	m->fail_alloc = 0;
	shim_fail = 0;
}

u8 *machine_map(struct machine *m, u64 iova)
{
	static u8 pattern[PAGE + SLOTS * 41];
	unsigned int slot = m->slots++, i;

	for (i = 0; !pattern[1] && i < sizeof(pattern); i++)
		pattern[i] = i * 7 + (i >> 8) * 3;
	m->iova[slot] = iova;
	m->frame[slot] = (0x123456789ULL * (slot + 7) % 0xfffffff) << 16 | 0x5000;
	memcpy(m->written[slot], pattern + slot * 41, PAGE);
	return m->written[slot];
}

u8 *machine_byte(struct machine *m, page_t *image, u64 iova)
{
	unsigned int i;

	for (i = 0; i < m->slots; i++)
		if (m->iova[i] == iova - iova % PAGE)
			return image[i] + iova % PAGE;
	return NULL;
}

static u64 number(struct machine *m, u64 addr, unsigned int bytes)
{
	u64 value = 0;

	while (bytes--) {
		u8 *byte = machine_byte(m, m->written, addr++);

		value = value << 8 | (byte ? *byte : 0);
	}
	return value;
}

/* Whether a CCW of the guest has data in the page at @iova, in either direction. */
static bool ccw_uses(struct machine *m, u64 ccw, u32 word, u64 iova)
{
	bool format_1 = word & 0x00800000, wide = word & 0x00020000;
	u32 block = wide && !(word & 0x00010000) ? 4096 : 2048, n;
	u32 flags = number(m, ccw + (format_1 ? 1 : 4), 1);
	u32 count = number(m, ccw + (format_1 ? 2 : 6), 2);
	u64 addr = number(m, ccw + (format_1 ? 4 : 1), format_1 ? 4 : 3), first;

	if (!(flags & 0x04))
		return addr + count > iova && addr < iova + PAGE + count;
	/* up and down, the first block may be a different part of the data */
	for (n = 0; n < 1 + (count + block - 2) / block; n++) {
		first = number(m, addr + n * (wide ? 8 : 4), wide ? 8 : 4);
		if (first - first % PAGE == iova)
			return true;
	}
	return false;
}

/* Each page must be there for some CCW. Short programs show it as well as long ones, and sooner. */
static void check_need(struct machine *m, u32 word)
{
	u32 pages[SLOTS], nr = 0, ccws = 0, i, k, n;

	for (k = 0; k < m->cp.nr_segments; k++)
		ccws += m->cp.segments[k].length;
	if (ccws > 8)
		return;
	for (i = 0; i < m->cp.nr_runs; i++)
		for (n = 0; n < m->cp.runs[i].nr && nr < SLOTS; n++)
			pages[nr++] = i << 16 | n;
	for (i = 0; i < nr; i++) {
		u64 iova = m->cp.runs[pages[i] >> 16].iova + (u64)(pages[i] & 0xffff) * PAGE;
		bool used = false;

		for (k = 0; k < m->cp.nr_segments && !used; k++)
			for (n = 0; n < m->cp.segments[k].length && !used; n++)
				used = ccw_uses(m, m->cp.segments[k].guest + n * 8, word, iova);
		if (!used)
			wrong(m, "a page is pinned that no CCW uses");
	}
}

int machine_translate(struct machine *m, const void *orb)
{
	struct vfio_ccw_cp *cp = &m->cp;
	unsigned int i, n, pages = 1;
	int ret = vfio_ccw_cp_translate(cp, orb);

	if (m->behind[0] || memcmp(m->behind, m->behind + 1, sizeof(m->behind) - 1)) {
		memset(m->behind, 0, sizeof(m->behind));
		wrong(m, "memory behind the translation was written");
	}
	if (ret) {
		if (cp->nr_runs || vfio_ccw_cp_uses(cp, 0, ~0ULL))
			wrong(m, "pages are left after an error");
		if (!cp->why)
			wrong(m, "an error without a reason");
		return ret;
	}
	for (i = 0; i < cp->nr_runs; i++) {
		struct vfio_ccw_cp_run *run = &cp->runs[i];

		if (run->iova % PAGE || !run->nr || run->first != pages)
			wrong(m, "bad run of pages");
		pages += run->nr;
		for (n = 0; n < run->nr; n++) {
			u64 iova = run->iova + (u64)n * PAGE;
			u8 *byte = machine_byte(m, m->written, iova);

			if (iova < run->iova)
				wrong(m, "a run of pages wraps around");
			if (!byte) {
				vfio_ccw_cp_discard(cp);
				cp->why = "page not mapped";
				return -EINVAL;
			}
			if (!vfio_ccw_cp_uses(cp, iova, 1) || !vfio_ccw_cp_uses(cp, iova + 9, PAGE))
				wrong(m, "a page in use is not found");
			cp->host[run->first + n] = m->frame[(byte - m->written[0]) / PAGE];
		}
	}
	if (pages != cp->nr_pages)
		wrong(m, "pages are missing in the runs");
	if (!m->race && !m->wrong)
		check_need(m, be32_to_cpu(((const __be32 *)orb)[1]));
	vfio_ccw_cp_fill(cp);
	return 0;
}

/* Storage of the guest's program */

static bool guest_ccw(void *context, uint64_t addr, uint8_t *to)
{
	struct machine *m = context;
	u8 *from = machine_byte(m, m->written, addr);

	if (from)
		memcpy(to, from, 8);
	return from;
}

static bool guest_idaw(void *context, uint64_t addr, uint8_t *to, uint32_t len)
{
	struct machine *m = context;
	u8 *from = machine_byte(m, m->written, addr);

	if (from)
		memcpy(to, from, len);
	return from;
}

static bool guest_data(void *context, uint64_t addr, uint8_t *bytes, uint32_t len, bool write)
{
	struct machine *m = context;
	u8 *page = machine_byte(m, m->guest, addr);

	if (!page)
		return false;
	if (write)
		memcpy(page, bytes, len);
	else
		memcpy(bytes, page, len);
	return true;
}

void machine_run_guest(struct machine *m, const void *orb, const struct device *device,
		       struct run *run)
{
	const struct storage storage = { m, guest_ccw, guest_idaw, guest_data };

	memcpy(m->guest, m->written, m->slots * sizeof(m->guest[0]));
	channel_run(&storage, device, orb, run);
}

/* Storage of the host program. Any other address is one that a device must never get. */

static u8 *block_byte(struct machine *m, u64 addr, uint32_t len, bool idaw)
{
	u32 i;

	for (i = 0; i < m->cp.blocks_used; i++) {
		struct vfio_ccw_cp_block *block = &m->cp.blocks[i];
		u64 first = idaw ? block->idaws : 0, end = idaw ? block->used : block->idaws;

		if (addr >= block->addr + first && addr + len <= block->addr + end)
			return (u8 *)block->virt + (addr - block->addr);
	}
	return NULL;
}

static bool host_ccw(void *context, uint64_t addr, uint8_t *to)
{
	u8 *from = block_byte(context, addr, 8, false);

	if (!from)
		wrong(context, "the channel leaves the CCWs of the translated program");
	else
		memcpy(to, from, 8);
	return from;
}

static bool host_idaw(void *context, uint64_t addr, uint8_t *to, uint32_t len)
{
	u8 *from = block_byte(context, addr, len, true);

	if (!from || len != 8)
		wrong(context, "the channel leaves the IDAWs of the translated program");
	else
		memcpy(to, from, len);
	return from;
}

static bool host_data(void *context, uint64_t addr, uint8_t *bytes, uint32_t len, bool write)
{
	struct machine *m = context;
	struct vfio_ccw_cp *cp = &m->cp;
	u32 i, n;

	for (i = 0; i < m->slots; i++) {
		if (addr - m->frame[i] >= PAGE)
			continue;
		/* pinned? */
		for (n = 1; n < cp->nr_pages && cp->host[n] != m->frame[i]; n++)
			;
		if (n == cp->nr_pages)
			break;
		if (write)
			memcpy(m->host[i] + (addr - m->frame[i]), bytes, len);
		else
			memcpy(bytes, m->host[i] + (addr - m->frame[i]), len);
		return true;
	}
	wrong(m, "the channel uses storage that is not pinned");
	return false;
}

void machine_run_host(struct machine *m, const struct device *device, struct run *run)
{
	const struct storage storage = { m, host_ccw, host_idaw, host_data };
	u32 word = be32_to_cpu(m->cp.orb[1]);

	if (!(word & 0x00800000) || !(word & 0x00020000) || word & 0xf0140041)
		wrong(m, "bad bits in the ORB");
	memcpy(m->host, m->written, m->slots * sizeof(m->host[0]));
	channel_run(&storage, device, m->cp.orb, run);
}

u32 machine_status(struct machine *m, u32 cpa)
{
	__be32 irb[24] = { 0, cpu_to_be32(cpa) };
	unsigned int i;

	vfio_ccw_cp_status(&m->cp, irb);
	for (i = 2; i < 24; i++)
		if (irb[i])
			wrong(m, "status words changed");
	return be32_to_cpu(irb[1]);
}

static bool same(const struct run *guest, const struct run *host, u32 cpa)
{
	unsigned int i;

	if (guest->ending == host->ending && guest->trace == host->trace &&
	    (guest->ending == ENDLESS ||
	     (guest->cpa == cpa && guest->residual == host->residual)))
		return true;
	for (i = 0; host->ending == BAD_CCW && i < guest->nr_detours; i++)
		if (guest->detours[i].cpa == cpa && guest->detours[i].trace == host->trace)
			return true;
	return false;
}

int machine_compare(struct machine *m, const void *orb, const struct device *device,
		    struct run *run)
{
	int ret = machine_translate(m, orb);
	struct run guest, host;

	if (ret)
		return ret;
	machine_run_host(m, device, &host);
	if (run)
		*run = host;
	if (m->race)
		goto out; /* the guest's program is another one by now */

	machine_run_guest(m, orb, device, &guest);
	run = run ? run : &host;
	run->cpa = machine_status(m, host.cpa);
	if (!same(&guest, &host, run->cpa))
		wrong(m, "the translated program does something else");
	else if (host.ending == BAD_DATA)
		wrong(m, "a program was accepted whose data the guest cannot access");
	else if (guest.ending == host.ending && guest.trace == host.trace &&
		 memcmp(m->guest, m->host, m->slots * sizeof(m->host[0])))
		wrong(m, "the translated program leaves other bytes in memory");
out:
	vfio_ccw_cp_discard(&m->cp);
	if (vfio_ccw_cp_uses(&m->cp, 0, ~0ULL))
		wrong(m, "a page outlives its program");
	return 0;
}
