// SPDX-License-Identifier: GPL-2.0-only
/*
 * A channel subsystem in small
 *
 * Conditions on the contents of a CCW are found when it is fetched; conditions on data addresses
 * and IDAWs when they are used.
 */
#include <string.h>

#include "channel.h"

enum { CD = 0x80, CC = 0x40, SLI = 0x20, SKIP = 0x10, PCI = 0x08, IDA = 0x04, S = 0x02, MIDA = 1 };

struct ccw {
	uint8_t code;
	uint8_t flags;
	uint16_t count;
	uint32_t addr;
	bool tic;
};

/* Where the next byte of a CCW's data is. */
struct cursor {
	uint64_t addr;
	uint32_t left;		/* in this block or page */
	uint32_t list;		/* the next IDAW */
	bool ida;
	bool started;
};

struct channel {
	const struct storage *storage;
	const struct device *device;
	struct run *run;
	bool format_1, wide, suspend, midaw, suppress;
	uint32_t block, limit;

	/* the command */
	struct command command;
	unsigned int commands;
	uint8_t code;
	uint32_t moved;
	uint64_t received;
};

static uint32_t be(const uint8_t *bytes, unsigned int n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | *bytes++;
	return value;
}

static void note(struct channel *c, uint64_t value)
{
	c->run->trace = (c->run->trace ^ value) * 0x100000001b3ULL;
}

static bool finish(struct channel *c, enum ending how, uint32_t cpa, uint32_t residual)
{
	c->run->ending = how;
	c->run->cpa = cpa;
	c->run->residual = residual;
	return false;
}

static bool input(uint8_t code)
{
	return (code & 3) == 2 || (code & 15) == 12 || (code & 15) == 4;
}

static bool backward(uint8_t code)
{
	return (code & 15) == 12;
}

static bool fetch(struct channel *c, uint32_t addr, struct ccw *ccw)
{
	uint8_t b[8];

	if (addr >= c->limit || !c->storage->ccw(c->storage->context, addr, b))
		return false;
	ccw->code = b[0];
	if (c->format_1) {
		ccw->flags = b[1];
		ccw->count = be(b + 2, 2);
		ccw->addr = be(b + 4, 4);
		ccw->tic = b[0] == 8;
	} else {
		ccw->addr = be(b + 1, 3);
		ccw->flags = b[4];
		ccw->count = be(b + 6, 2);
		ccw->tic = (b[0] & 15) == 8;
	}
	return true;
}

/* Whether a CCW is valid, apart from what its data address leads to. */
static bool valid(const struct channel *c, const struct ccw *ccw, bool chained)
{
	if (ccw->addr >= c->limit)
		return false;
	if (!chained && ((ccw->code & 15) == 0 || (ccw->code & 15) == 8))
		return false;
	if (!ccw->count && (!c->format_1 || chained || ccw->flags & CD))
		return false;
	if (ccw->flags & S && !c->suspend)
		return false;
	if (ccw->flags & MIDA && !c->midaw)
		return false;
	return !(ccw->flags & IDA) || ccw->addr % (c->wide ? 8 : 4) == 0;
}

/* The next piece of a CCW's data: from @at->addr up or down, @at->left bytes. */
static bool advance(struct channel *c, struct cursor *at)
{
	uint32_t mask = c->block - 1, size = c->wide ? 8 : 4;
	bool down = backward(c->code);
	uint8_t b[8];

	if (!at->ida) {
		/* pieces of a page; the address was checked for the first byte */
		if (at->started && (down ? at->addr == ~0ULL : at->addr >= c->limit))
			return false;
		at->started = true;
		at->left = down ? (at->addr & 4095) + 1 : 4096 - (at->addr & 4095);
		return true;
	}
	if (at->list >= c->limit || !c->storage->idaw(c->storage->context, at->list, b, size))
		return false;
	at->list += size;
	at->addr = be(b, 4);
	if (c->wide)
		at->addr = at->addr << 32 | be(b + 4, 4);
	else if (at->addr >> 31)
		return false;
	if (at->started && (at->addr & mask) != (down ? mask : 0))
		return false;
	at->started = true;
	at->left = down ? (at->addr & mask) + 1 : c->block - (at->addr & mask);
	return true;
}

/* The bytes that a device offers are some of these. */
static uint8_t offers[2 << 16];

static void set_offers(void)
{
	uint32_t i, value = 1;

	for (i = 0; !offers[0] && i < sizeof(offers); i++) {
		value = value * 1103515245 + 12345;
		offers[i] = value >> 16 | !i;
	}
}

/* Each byte counts by its position in the command, however the channel divides the data. */
static void receive(struct channel *c, const uint8_t *bytes, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t weight = (c->moved + i + 1) * 2654435761U;

		c->received += (uint64_t)bytes[i] * (weight ^ weight >> 15);
	}
}

/* Move @bytes of the command's data to or from @at. */
static bool move(struct channel *c, struct cursor *at, uint32_t bytes, bool skip)
{
	bool in = input(c->code), down = backward(c->code);
	uint8_t buffer[4096];
	uint32_t n, i;

	if (in && skip) {
		c->moved += bytes;
		return true;
	}
	for (; bytes; bytes -= n) {
		if (!at->left && !advance(c, at))
			return false;
		n = bytes < at->left ? bytes : at->left;
		if (in) {
			uint32_t first = (c->commands * 977 + c->device->seed * 131) % 32768;
			const uint8_t *from = offers + first + c->moved % 65536;

			memcpy(buffer, from, n);
			for (i = 0; down && i < n; i++)
				buffer[n - 1 - i] = from[i];
		}
		if (!c->storage->data(c->storage->context, down ? at->addr - (n - 1) : at->addr,
				      buffer, n, in))
			return false;
		if (!in)
			receive(c, buffer, n);
		at->addr += down ? -(uint64_t)n : n;
		at->left -= n;
		c->moved += n;
	}
	return true;
}

/* The device accepts a command. */
static void begin(struct channel *c, const struct ccw *ccw)
{
	static const struct command eager = { .bytes = ~0U };

	c->code = ccw->code;
	c->moved = 0;
	c->received = 0;
	c->command = c->commands < c->device->commands ? c->device->script[c->commands] : eager;
	c->commands++;
	note(c, 0x1000 | ccw->code);
}

/*
 * A status modifier at @addr skips the CCW at @addr + 8. If that one ends its segment, the
 * translation may have an invalid CCW at @addr + 16. It has the real one if the skipped CCW chains,
 * or is a TIC back to a CCW between @entry, where the channel last jumped to, and the TIC.
 */
static void note_detour(struct channel *c, uint32_t addr, uint32_t entry)
{
	struct ccw skipped;
	bool there = fetch(c, addr + 8, &skipped);

	if (there && skipped.tic)
		there = skipped.addr >= entry && skipped.addr <= addr + 8 && skipped.addr % 8 == 0;
	else if (there)
		there = skipped.flags & (CC | CD) && (c->format_1 || skipped.count);
	if (there || c->run->nr_detours == DETOURS)
		return;
	c->run->detours[c->run->nr_detours++] = (struct detour){ addr + 24, c->run->trace };
}

/* Execute a CCW that is not a TIC. Return: whether the program goes on, at *@next. */
static bool execute(struct channel *c, const struct ccw *ccw, uint32_t addr, bool *chained,
		    uint32_t entry, uint32_t *next)
{
	struct cursor at = { .ida = ccw->flags & IDA, .addr = ccw->addr, .list = ccw->addr };
	uint32_t able, bytes, residual;
	bool more, wrong, noop;

	if (!valid(c, ccw, *chained))
		return finish(c, BAD_CCW, addr + 8, 0);
	if (ccw->flags & S)
		return finish(c, SUSPENDED, addr + 8, 0);
	if (ccw->flags & PCI)
		note(c, 0x2000);
	if (!*chained)
		begin(c, ccw);

	noop = c->code == 3;
	able = noop ? 0 : c->command.bytes - c->moved;
	if (c->command.bytes == ~0U && !noop)
		able = ccw->count;
	bytes = able < ccw->count ? able : ccw->count;
	if (!move(c, &at, bytes, ccw->flags & SKIP))
		return finish(c, BAD_DATA, addr + 8, 0);
	c->run->bytes += bytes;
	note(c, 0x30000 | bytes);
	note(c, c->received);

	residual = ccw->count - bytes;
	*next = addr + 8;
	if (ccw->flags & CD && !residual) {
		*chained = true;
		return true;
	}
	*chained = false;
	if (c->command.check)
		return finish(c, CHECKED, addr + 8, residual);
	more = able > bytes;
	wrong = residual || more;
	if (noop && c->suppress)
		wrong = false; /* an immediate operation */
	if (wrong && (!(ccw->flags & SLI) || ccw->flags & CD))
		return finish(c, LENGTH, addr + 8, residual);
	if (!(ccw->flags & CC) || ccw->flags & CD)
		return finish(c, DONE, addr + 8, residual);
	if (c->command.modifier) {
		note_detour(c, addr, entry);
		*next = addr + 16;
	}
	return true;
}

void channel_run(const struct storage *storage, const struct device *device, const void *orb,
		 struct run *run)
{
	const uint8_t *bytes = orb;
	uint32_t word = be(bytes + 4, 4), addr = be(bytes + 8, 4), entry = addr;
	struct channel c = {
		.storage = storage,
		.device = device,
		.run = run,
		.suspend = word & 0x08000000,
		.format_1 = word & 0x00800000,
		.wide = word & 0x00020000,
		.midaw = word & 0x40,
		.block = word & 0x00020000 && !(word & 0x00010000) ? 4096 : 2048,
	};
	bool chained = false, jumped = true;
	struct ccw ccw;

	c.limit = c.format_1 ? 0x80000000 : 0x1000000;
	c.suppress = !c.format_1 || word & 0x80;
	memset(run, 0, sizeof(*run));
	set_offers();
	run->trace = 0xcbf29ce484222325ULL;

	for (; run->steps < CHANNEL_STEPS && run->bytes < CHANNEL_BYTES; run->steps++) {
		if (!fetch(&c, addr, &ccw)) {
			finish(&c, BAD_CCW, addr + 8, 0);
			return;
		}
		if (!ccw.tic) {
			if (!execute(&c, &ccw, addr, &chained, entry, &addr))
				return;
			jumped = false;
			continue;
		}
		/* neither the first CCW nor one that a TIC leads to can be a TIC */
		if (jumped || ccw.addr % 8 || ccw.addr >= c.limit ||
		    (c.format_1 && (ccw.flags || ccw.count))) {
			finish(&c, BAD_CCW, addr + 8, 0);
			return;
		}
		addr = ccw.addr;
		entry = addr;
		jumped = true;
	}
	run->ending = ENDLESS;
}
