// SPDX-License-Identifier: GPL-2.0-only
/* An open vfio-ccw device and its channel programs, see ccw_lib.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ccw_lib.h"

/* an open device */

static int group_of(const char *uuid)
{
	char path[512], link[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	return atoi(strrchr(link, '/') + 1);
}

int ccw_irq(struct ccw *c, unsigned int index, int efd)
{
	struct {
		struct vfio_irq_set set;
		int fd;
	} s = {
		.set = {
			.argsz = sizeof(s),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = 1,
		},
		.fd = efd,
	};

	return ioctl(c->fd, VFIO_DEVICE_SET_IRQS, &s) ? -errno : 0;
}

int ccw_reopen_fd(struct ccw *c, const char *uuid)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	c->fd = ioctl(c->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
	if (c->fd < 0 || ioctl(c->fd, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	c->irqs = info.num_irqs;
	ccw_irq(c, VFIO_CCW_IO_IRQ_INDEX, c->io);
	ccw_irq(c, VFIO_CCW_CRW_IRQ_INDEX, c->crw);
	if (c->irqs > VFIO_CCW_REQ_IRQ_INDEX)
		return ccw_irq(c, VFIO_CCW_REQ_IRQ_INDEX, c->req);
	/* a driver without the request interrupt needs a reset after open, as QEMU does */
	return ccw_reset(c);
}

/* The order of the calls is that of the example in Documentation/driver-api/vfio.rst. */
int ccw_open(struct ccw *c, const char *uuid)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = IOVA,
		.size = MEM,
	};
	int group = group_of(uuid);
	char path[64];
	int ret;

	*c = (struct ccw) { -1, -1, -1, -1, -1, -1, NULL, 0 };
	if (group < 0)
		return group;
	c->io = eventfd(0, EFD_NONBLOCK);
	c->crw = eventfd(0, EFD_NONBLOCK);
	c->req = eventfd(0, EFD_NONBLOCK);
	c->mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(c->mem, 0, MEM);
	map.vaddr = (uintptr_t)c->mem;

	snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	c->container = open("/dev/vfio/vfio", O_RDWR);
	/* devtmpfs creates the file asynchronously */
	for (int i = 0; i < 100 && (c->group = open(path, O_RDWR)) < 0; i++)
		ms(10);
	if (c->container < 0 || c->group < 0)
		goto fail;
	if (ioctl(c->group, VFIO_GROUP_SET_CONTAINER, &c->container) ||
	    ioctl(c->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) ||
	    ioctl(c->container, VFIO_IOMMU_MAP_DMA, &map))
		goto fail;
	ret = ccw_reopen_fd(c, uuid);
	if (!ret)
		return 0;
	ccw_close(c);
	return ret;
fail:
	ret = -errno;
	ccw_close(c);
	return ret;
}

int ccw_open_beside(struct ccw *c, const struct ccw *other, const char *uuid)
{
	char path[64];

	*c = *other;
	c->fd = -1;
	snprintf(path, sizeof(path), "/dev/vfio/%d", group_of(uuid));
	for (int i = 0; i < 100 && (c->group = open(path, O_RDWR)) < 0; i++)
		ms(10);
	if (c->group < 0 || ioctl(c->group, VFIO_GROUP_SET_CONTAINER, &c->container))
		return -errno;
	c->fd = ioctl(c->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
	return c->fd < 0 ? -errno : 0;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ccw_close_fd(struct ccw *c)
{
	close_one(&c->fd);
}

void ccw_close_beside(struct ccw *c)
{
	close_one(&c->fd);
	close_one(&c->group);
}

void ccw_close(struct ccw *c)
{
	close_one(&c->fd);
	close_one(&c->group);
	close_one(&c->container);
	close_one(&c->io);
	close_one(&c->crw);
	close_one(&c->req);
	if (c->mem)
		munmap(c->mem, MEM);
	c->mem = NULL;
}

int ccw_reset(struct ccw *c)
{
	return ioctl(c->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

int ccw_unmap(struct ccw *c, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	return ioctl(c->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}

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
