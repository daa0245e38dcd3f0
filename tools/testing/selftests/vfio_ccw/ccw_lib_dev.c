// SPDX-License-Identifier: GPL-2.0-only
/* The channel programs of an open vfio-ccw device, see ccw_lib.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ccw_lib.h"

int ccw_up(struct ccw *c, const char *devno, const char *uuid, char sch[NAME])
{
	int ret = sch_find(devno, sch);

	if (!ret)
		ret = sch_bind(sch);
	if (!ret)
		ret = mdev_create(sch, uuid);
	if (!ret)
		ret = ccw_open(c, uuid);
	return ret;
}

void ccw_down(struct ccw *c, const char *uuid)
{
	ccw_close(c);
	if (mdev_there(uuid))
		mdev_remove(uuid);
}

/* channel programs */

void ccw_put(struct ccw *c, unsigned int offset, uint8_t cmd, uint8_t flags, uint16_t count,
	     uint32_t addr)
{
	uint8_t *p = c->mem + offset;

	p[0] = cmd;
	p[1] = flags;
	memcpy(p + 2, &count, 2);
	memcpy(p + 4, &addr, 4);
}

int ccw_start(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl)
{
	struct ccw_io_region io = {};
	uint32_t intparm = 0xcafe;

	memcpy(io.orb_area, &intparm, 4);
	memcpy(io.orb_area + 4, &orb, 4);
	memcpy(io.orb_area + 8, &cpa, 4);
	memcpy(io.scsw_area, &fctl, 4);
	if (pwrite(c->fd, &io, sizeof(io), 0) != sizeof(io))
		return -errno;
	return 0;
}

int ccw_start_soon(struct ccw *c, uint32_t orb, uint32_t cpa, uint32_t fctl)
{
	int ret;

	do {
		ret = ccw_start(c, orb, cpa, fctl);
	} while (ret == -EAGAIN);
	return ret;
}

int ccw_async(struct ccw *c, uint32_t command)
{
	struct ccw_cmd_region cmd = { .command = command };

	return pwrite(c->fd, &cmd, sizeof(cmd), 1 << 10) == sizeof(cmd) ? 0 : -errno;
}

int ccw_async_soon(struct ccw *c, uint32_t command)
{
	int ret;

	do {
		ret = ccw_async(c, command);
	} while (ret == -EAGAIN);
	return ret;
}

int ccw_wait(int efd, int timeout_ms)
{
	struct pollfd p = { .fd = efd, .events = POLLIN };
	uint64_t n;

	if (poll(&p, 1, timeout_ms) != 1)
		return 0;
	return read(efd, &n, sizeof(n)) == sizeof(n);
}

int ccw_asked(struct ccw *c, int timeout_ms)
{
	if (c->irqs > VFIO_CCW_REQ_IRQ_INDEX)
		return ccw_wait(c->req, timeout_ms);
	/* no interrupt: give the removal time to begin */
	ms(500);
	return 1;
}

int ccw_result(struct ccw *c, struct result *r)
{
	struct ccw_io_region io;
	uint32_t w[3];

	if (pread(c->fd, &io, sizeof(io), 0) != sizeof(io))
		return -errno;
	memcpy(w, io.irb_area, sizeof(w));
	r->fctl = w[0] >> 12 & 7;
	r->actl = w[0] >> 5 & 0x7f;
	r->stctl = w[0] & 0x1f;
	r->cpa = w[1];
	r->dstat = w[2] >> 24;
	r->cstat = w[2] >> 16 & 0xff;
	r->count = w[2] & 0xffff;
	return 0;
}

int ccw_run(struct ccw *c, uint32_t orb, uint32_t cpa, struct result *r)
{
	int ret;

	/* -EAGAIN: the driver is still handling an earlier interrupt */
	ret = ccw_start_soon(c, orb, cpa, FCTL_START);
	if (ret)
		return ret;
	if (!ccw_wait(c->io, 5000))
		return -ETIMEDOUT;
	return ccw_result(c, r);
}

int ccw_sense_id(struct ccw *c, struct result *r)
{
	memset(c->mem + DATA, 0, 64);
	ccw_put(c, PROG, CMD_SENSE_ID, F_SLI, 7, IOVA + DATA);
	return ccw_run(c, ORB, IOVA + PROG, r);
}

int ccw_works(struct ccw *c)
{
	struct result r;
	int ret;

	/* clear an earlier interrupt */
	ccw_wait(c->io, 0);
	ret = ccw_sense_id(c, &r);
	if (ret)
		return ret;
	return r.dstat == 0x0c && c->mem[DATA] == 0xff ? 0 : -EIO;
}

int ccw_start_suspended(struct ccw *c)
{
	int ret;

	ccw_put(c, PROG + 0x100, CMD_SENSE_ID, F_SLI | F_CC, 7, IOVA + DATA);
	ccw_put(c, PROG + 0x108, CMD_SENSE_ID, F_SLI | F_SUSPEND, 7, IOVA + DATA + 0x1000);
	ret = ccw_start_soon(c, ORB | ORB_SUSPEND, IOVA + PROG + 0x100, FCTL_START);
	return ret;
}
