/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of vfio-ccw share: subchannels, mdevs, the vfio device, channel programs
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

/* The devices of the VM that run_ccw.sh expects, as vm/run is told to make them. */
#define BLK1	"0.0.1111"
#define BLK2	"0.0.2222"
#define NET	"0.0.3333"
#define TERM	"0.0.4444"

#define CSS	"/sys/bus/css"
#define NAME	64
#define UUID	"5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0a01"
#define UUID2	"5f0d4b2e-1f3a-4c57-8f2c-3d6c9b1e0a02"

/* Seconds: an emulated machine with lockdep or KASAN, on a host that has other work, needs them. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 180
#endif
/* what does something many times */
#define MANY 1200

/* files */
int put(const char *path, const char *text);
ssize_t get(const char *path, char *buf, size_t size);
bool there(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* a command of the shell; what system() says, as an exit code */
int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* write to a file in a process of its own, without our open files */
pid_t put_elsewhere(const char *path, const char *text);
/* its end: 0 or a negative errno; -ETIMEDOUT if it has not come, the process stays */
int ended(pid_t pid, unsigned int timeout_ms);
double now(void);
void ms(unsigned int n);

/* subchannels; sch is a name as in "0.0.0001" */
int sch_find(const char *devno, char sch[NAME]);
bool sch_there(const char *sch);
bool sch_driver_is(const char *sch, const char *driver);
int sch_bind(const char *sch);
int sch_unbind(const char *sch);
/* back to the driver that it would have without us, and wait until that is done */
int sch_release(const char *sch);

/* mdevs */
int mdev_create(const char *sch, const char *uuid);
int mdev_remove(const char *uuid);
bool mdev_there(const char *uuid);
int mdev_available(const char *sch);
pid_t mdev_remove_elsewhere(const char *uuid);
pid_t sch_unbind_elsewhere(const char *sch);

/* channel reports: slct oflw chn rsc anc erc rsid; -EOPNOTSUPP without CONFIG_CIO_INJECT */
int crw_ready(void);
int crw_inject(unsigned int rsc, unsigned int erc, unsigned int rsid);
#define RSC_SCH 3
#define RSC_CHP 4
#define ERC_INIT 2
#define ERC_IPARM 4
#define ERC_PERRN 6
/* vary the path that all of QEMU's virtual devices share */
int chp_vary(bool on);
/* wait until css has nothing more to do; -ETIMEDOUT */
int css_settle(unsigned int seconds);

/* an open device */
#define IOVA	0x10000000ULL
#define MEM	(1UL << 20)

struct ccw {
	int container, group, fd;
	int io, crw, req;	/* eventfds */
	uint8_t *mem;		/* mapped at IOVA */
	unsigned int irqs;	/* how many the driver has; those of old have no request */
};

int ccw_open(struct ccw *c, const char *uuid);
/* in the container of another, with its memory and its eventfds */
int ccw_open_beside(struct ccw *c, const struct ccw *other, const char *uuid);
void ccw_close_beside(struct ccw *c);
/* only the device; the group and container stay */
void ccw_close_fd(struct ccw *c);
int ccw_reopen_fd(struct ccw *c, const char *uuid);
void ccw_close(struct ccw *c);
int ccw_irq(struct ccw *c, unsigned int index, int efd);
int ccw_reset(struct ccw *c);
int ccw_unmap(struct ccw *c, uint64_t iova, uint64_t size);

/* a whole one: bound, created, opened; and closed, removed, but still bound */
int ccw_up(struct ccw *c, const char *devno, const char *uuid, char sch[NAME]);
void ccw_down(struct ccw *c, const char *uuid);

/* channel programs */
#define CMD_NOP		0x03
#define CMD_SENSE	0x04
#define CMD_TIC		0x08
#define CMD_SENSE_ID	0xe4
#define CMD_BAD		0xfb
#define F_CC		0x40
#define F_SLI		0x20
#define F_SKIP		0x10
#define F_IDA		0x04
#define F_SUSPEND	0x02

#define ORB_SUSPEND	(1u << 27)
#define ORB_FMT1	(1u << 23)
#define ORB_PREFETCH	(1u << 22)
#define ORB_TM		(1u << 18)
#define ORB_C64		(1u << 17)
#define ORB_LPM		(0xffu << 8)
#define ORB		(ORB_FMT1 | ORB_PREFETCH | ORB_C64 | ORB_LPM)

#define FCTL_START	0x4000
#define FCTL_HALT	0x2000
#define FCTL_CLEAR	0x1000

struct result {
	uint32_t fctl, actl, stctl, cpa, dstat, cstat, count;
};

/* where in the memory: programs at 0, data at 64 KiB */
#define PROG	0u
#define DATA	0x10000u

void ccw_put(struct ccw *c, unsigned int offset, uint8_t cmd, uint8_t flags, uint16_t count,
	     uint32_t addr);
/* write the I/O region; 0, or the error of the write */
int ccw_start(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl);
/* As ccw_start(), again for as long as the device says that it is busy. */
int ccw_start_soon(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl);
int ccw_async(struct ccw *c, uint32_t command);
/* 1 if the eventfd fired within the time */
int ccw_wait(int efd, int timeout_ms);
/* 1 if the user was asked to let go, or if the driver has no interrupt to ask him with */
int ccw_asked(struct ccw *c, int timeout_ms);
int ccw_result(struct ccw *c, struct result *r);
/* start, wait, result */
int ccw_run(struct ccw *c, uint32_t orb, uint32_t cpa, struct result *r);
/* a SENSE ID with its data in c->mem + DATA */
int ccw_sense_id(struct ccw *c, struct result *r);
/* 0 if a SENSE ID works and the data are as they should be */
int ccw_works(struct ccw *c);
/* a program that stays active: nothing ends it but halt or clear */
int ccw_start_suspended(struct ccw *c);

#endif
