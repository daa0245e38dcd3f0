/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Library of the vfio-ccw tests: subchannels, mdevs, the vfio device, channel programs
 *
 * Functions that can fail return a negative errno unless said otherwise.
 */
#ifndef CCW_LIB_H
#define CCW_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/vfio.h>
#include <linux/vfio_ccw.h>

/* The devices of the VM, see run_ccw.sh; scripts/vm/ccw-boots defines them. */
#define BLK1	"0.0.1111"
#define BLK2	"0.0.2222"
#define NET	"0.0.3333"
#define TERM	"0.0.4444"

#define CSS	"/sys/bus/css"
#define NAME	64
#define UUID	"5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0a01"
#define UUID2	"5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0a02"

/* Seconds; for an emulated machine with lockdep or KASAN on a busy host */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 180
#endif
/* seconds for tests with many rounds */
#define MANY 1200

/* ccw_lib.c: files and processes */

int put(const char *path, const char *text);
ssize_t get(const char *path, char *buf, size_t size);
bool there(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Runs a shell command; returns its exit code. */
int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Writes to a file in a child process that has closed our files. */
pid_t put_elsewhere(const char *path, const char *text);
/* Waits for that child: the result of the write, or -ETIMEDOUT if it is still running. */
int ended(pid_t pid, unsigned int timeout_ms);
double now(void);
void ms(unsigned int n);
/* KiB of memory that this process has pinned; -1 if that can't be read */
long locked_kib(void);

/* ccw_lib.c: subchannels; sch is a name like "0.0.0001" */

int sch_find(const char *devno, char sch[NAME]);
bool sch_there(const char *sch);
bool sch_driver_is(const char *sch, const char *driver);
int sch_bind(const char *sch);
int sch_unbind(const char *sch);
/* Returns the subchannel to its default driver and waits for css. */
int sch_release(const char *sch);

/* ccw_lib.c: mdevs */

int mdev_create(const char *sch, const char *uuid);
int mdev_remove(const char *uuid);
bool mdev_there(const char *uuid);
int mdev_available(const char *sch);
pid_t mdev_remove_elsewhere(const char *uuid);
pid_t sch_unbind_elsewhere(const char *sch);

/* ccw_lib.c: channel reports; -EOPNOTSUPP without CONFIG_CIO_INJECT */

int crw_ready(void);
int crw_inject(unsigned int rsc, unsigned int erc, unsigned int rsid);
#define RSC_SCH 3
#define RSC_CHP 4
#define ERC_INIT 2
#define ERC_IPARM 4
#define ERC_PERRN 6
/* Varies the channel path that all virtual devices of QEMU share. */
int chp_vary(bool on);
/* Waits until css has no more work; 0 or -ETIMEDOUT. */
int css_settle(unsigned int seconds);

/* ccw_lib.c: windows for races and functions that fail, by mdev_window.ko */

/*
 * A task of the name comm, "*" for all, spins for so many milliseconds each time that it enters a
 * function of the kernel, or if a colon follows the symbol, that it leaves it. Returns NULL, or the
 * reason why the kernel can't do it.
 */
const char *window_pause(const char *symbol, const char *comm, unsigned int ms);
/* The function returns the value to that task and does nothing else. */
const char *window_instead(const char *symbol, const char *comm, int value);
/* A byte in the object of an argument of the function is set when that has returned 0. */
const char *window_store(const char *symbol, unsigned int arg, unsigned int offset, uint8_t value);
/* Waits until a task spins because of window_pause(). */
bool window_hit(unsigned int timeout_ms);
void window_close(void);
/* Sets the name of the calling thread. */
void thread_name(const char *name);

/* ccw_lib_open.c: an open device */

#define IOVA	0x10000000ULL
#define MEM	(1UL << 20)

struct ccw {
	int container;		/* or iommufd */
	int group, fd;
	int io, crw, req;	/* eventfds */
	uint8_t *mem;		/* mapped at IOVA */
	unsigned int irqs;	/* number of interrupts; 5.10 has no request interrupt */
	uint32_t ioas;		/* the address space of iommufd, 0 with a container */
};

#define CCW_CLOSED ((struct ccw) {						\
	.container = -1, .group = -1, .fd = -1, .io = -1, .crw = -1, .req = -1,	\
})

/* Whether $backend is iommufd: devices are opened without a group and a container. */
bool ccw_iommufd(void);
/* Whether $column is ours: the driver is that of this project. */
bool ccw_ours(void);
/* $rounds, the rounds of a race, or 300 */
int ccw_rounds(void);
int ccw_open(struct ccw *c, const char *uuid);
/* Opens a second device in the container of another, with its memory and eventfds. */
int ccw_open_beside(struct ccw *c, const struct ccw *other, const char *uuid);
void ccw_close_beside(struct ccw *c);
/* Closes the device only; group, container and iommufd stay open. */
void ccw_close_fd(struct ccw *c);
/* Opens the device again, without eventfds; returns the descriptor. */
int ccw_open_fd(struct ccw *c, const char *uuid);
/* The same with eventfds; returns 0. */
int ccw_reopen_fd(struct ccw *c, const char *uuid);
void ccw_close(struct ccw *c);
int ccw_irq(struct ccw *c, unsigned int index, int efd);
int ccw_reset(struct ccw *c);
int ccw_map(struct ccw *c, uint64_t iova, void *vaddr, uint64_t size);
int ccw_unmap(struct ccw *c, uint64_t iova, uint64_t size);

#define PAGE	0x1000u
/* an address where nothing is mapped */
#define FAR	0x20000000ULL
/* A page whose first access waits until UFFDIO_ZEROPAGE ends it; NULL without userfaultfd. */
uint8_t *faulting_page(int *uffd);

/* ccw_lib_dev.c: binds, creates and opens; closes and removes, and leaves the subchannel bound. */
int ccw_up(struct ccw *c, const char *devno, const char *uuid, char sch[NAME]);
void ccw_down(struct ccw *c, const char *uuid);

/* ccw_lib_dev.c: channel programs */

#define CMD_NOP		0x03
#define CMD_SENSE	0x04
#define CMD_TIC		0x08
#define CMD_SENSE_ID	0xe4
#define CMD_BAD		0xfb
#define F_DC		0x80
#define F_CC		0x40
#define F_SLI		0x20
#define F_SKIP		0x10
#define F_IDA		0x04
#define F_MIDA		0x01
#define F_SUSPEND	0x02

#define ORB_SUSPEND	(1u << 27)
#define ORB_FMT1	(1u << 23)
#define ORB_PREFETCH	(1u << 22)
#define ORB_TM		(1u << 18)
#define ORB_C64		(1u << 17)
#define ORB_2K		(1u << 16)
#define ORB_LPM		(0xffu << 8)
#define ORB_MIDAW	(1u << 6)
#define ORB		(ORB_FMT1 | ORB_PREFETCH | ORB_C64 | ORB_LPM)

#define FCTL_START	0x4000
#define FCTL_HALT	0x2000
#define FCTL_CLEAR	0x1000

struct result {
	uint32_t fctl, actl, stctl, cpa, dstat, cstat, count;
};

/* Offsets in the memory */
#define PROG	0u
#define DATA	0x10000u

void ccw_put(struct ccw *c, unsigned int offset, uint8_t cmd, uint8_t flags, uint16_t count,
	     uint32_t addr);
/* Writes the I/O region; returns 0 or the error of the write. */
int ccw_start(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl);
/* Repeats ccw_start() while it returns -EAGAIN. */
int ccw_start_soon(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl);
int ccw_async(struct ccw *c, uint32_t command);
/* Repeats ccw_async() while the driver is still handling an interrupt: -EAGAIN. */
int ccw_async_soon(struct ccw *c, uint32_t command);
/* Returns 1 if the eventfd fired within the time, and clears it. */
int ccw_wait(int efd, int timeout_ms);
/* Returns 1 if the request interrupt came, or if the driver has none. */
int ccw_asked(struct ccw *c, int timeout_ms);
int ccw_result(struct ccw *c, struct result *r);
/* Starts a program, waits for its end and reads the result. */
int ccw_run(struct ccw *c, uint32_t orb, uint32_t cpa, struct result *r);
/* Runs a SENSE ID with its data at c->mem + DATA. */
int ccw_sense_id(struct ccw *c, struct result *r);
/* Returns 0 if a SENSE ID succeeds with the right data. */
int ccw_works(struct ccw *c);
/* Starts a program that suspends: only halt or clear ends it. */
int ccw_start_suspended(struct ccw *c);

#endif
