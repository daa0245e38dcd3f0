/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A channel subsystem in small: runs a channel program in command mode with a device that a script
 * describes
 *
 * It runs the guest's program on guest memory and the translated program on host memory; the two
 * must do the same. From the Principles of Operation, SA22-7832, chapters "Basic I/O Functions" and
 * "I/O Interruptions"; no code is shared with the translation.
 */
#ifndef _VFIO_CCW_CP_CHANNEL_H_
#define _VFIO_CCW_CP_CHANNEL_H_

#include <stdbool.h>
#include <stdint.h>

/* CCWs that a run executes, and bytes that it transfers, at most: a program may loop for ever. */
#define CHANNEL_STEPS	100
#define CHANNEL_BYTES	300000

/* Places where a run may end differently, see struct detour. */
#define DETOURS		16

/**
 * struct command - how the device answers a command
 * @bytes: bytes that it offers or takes
 * @modifier: ends with status modifier: the channel skips a CCW
 * @check: ends with unit check
 */
struct command {
	uint32_t bytes;
	bool modifier;
	bool check;
};

/**
 * struct device - the device
 * @script: answers to the first commands; afterwards, it takes all that it is given
 * @commands: number of answers in @script
 * @seed: decides the bytes that it offers
 */
struct device {
	struct command script[16];
	unsigned int commands;
	uint8_t seed;
};

enum ending {
	DONE,		/* the last CCW is done */
	SUSPENDED,
	LENGTH,		/* incorrect length */
	CHECKED,	/* unit check */
	BAD_CCW,	/* program check on fetching a CCW */
	BAD_DATA,	/* program check on an address of data or an IDAW */
	ENDLESS,	/* the run was cut off */
};

/**
 * struct detour - a CCW that status modifier leads to and that the translation need not have
 * @cpa: address of the CCW plus 8
 * @trace: trace up to there
 *
 * That is a CCW behind the end of a segment. The translated program may end there with a program
 * check.
 */
struct detour {
	uint32_t cpa;
	uint64_t trace;
};

/**
 * struct run - the result of a run
 * @ending: why it ended
 * @cpa: CCW address in the SCSW
 * @residual: count in the SCSW
 * @trace: a hash of all commands, counts, interruptions, and bytes that the device received
 * @steps: CCWs executed
 * @bytes: bytes transferred
 * @detours: see above
 * @nr_detours: number of them
 */
struct run {
	enum ending ending;
	uint32_t cpa;
	uint32_t residual;
	uint64_t trace;
	unsigned int steps;
	uint32_t bytes;
	struct detour detours[DETOURS];
	unsigned int nr_detours;
};

/**
 * struct storage - the memory that a program is in
 * @context: argument of the functions
 * @ccw: copy 8 bytes, a CCW; false if they do not exist
 * @idaw: copy an IDAW; false if it does not exist
 * @data: copy @len bytes, all in one page; false if they do not exist
 */
struct storage {
	void *context;
	bool (*ccw)(void *context, uint64_t addr, uint8_t *to);
	bool (*idaw)(void *context, uint64_t addr, uint8_t *to, uint32_t len);
	bool (*data)(void *context, uint64_t addr, uint8_t *bytes, uint32_t len, bool write);
};

/**
 * channel_run() - run a channel program
 * @storage: memory
 * @device: the device
 * @orb: words 0 to 2 of the ORB, big endian
 * @run: the result
 */
void channel_run(const struct storage *storage, const struct device *device, const void *orb,
		 struct run *run);

#endif
