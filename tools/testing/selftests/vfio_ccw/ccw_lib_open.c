// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open vfio-ccw device, see ccw_lib.h
 *
 * There are two ways to it: a group in a container, whose memory vfio_iommu_type1 maps; and a
 * device of its own, whose memory iommufd maps.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/iommufd.h>
#include <linux/userfaultfd.h>

#include "ccw_lib.h"

bool ccw_iommufd(void)
{
	return !strcmp(getenv("backend") ?: "", "iommufd");
}

bool ccw_ours(void)
{
	return !strcmp(getenv("column") ?: "", "ours");
}

int ccw_rounds(void)
{
	return atoi(getenv("rounds") ?: "300");
}

/* devtmpfs creates a file asynchronously, and the last user may be about to close it. */
static int open_node(const char *path)
{
	int fd = -1;

	for (int i = 0; i < 100; i++) {
		fd = open(path, O_RDWR);
		if (fd >= 0 || (errno != ENOENT && errno != EBUSY))
			break;
		ms(10);
	}
	return fd < 0 ? -errno : fd;
}

/* groups and containers; the order of the calls is that of Documentation/driver-api/vfio.rst */

static int group_open(const char *uuid)
{
	char path[512], link[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%d", atoi(strrchr(link, '/') + 1));
	return open_node(path);
}

static int container_open(struct ccw *c, const char *uuid)
{
	c->container = open("/dev/vfio/vfio", O_RDWR);
	if (c->container < 0)
		return -errno;
	c->group = group_open(uuid);
	if (c->group < 0)
		return c->group;
	if (ioctl(c->group, VFIO_GROUP_SET_CONTAINER, &c->container) ||
	    ioctl(c->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	return 0;
}

/* devices and iommufd; the order of the calls is that of the same page */

static int ioas_open(struct ccw *c)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	c->container = open("/dev/iommu", O_RDWR);
	if (c->container < 0 || ioctl(c->container, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	c->ioas = alloc.out_ioas_id;
	return 0;
}

/* Opens /dev/vfio/devices/vfioN of an mdev. */
static int cdev_open(const char *uuid)
{
	char path[512] = "";
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/vfio-dev", uuid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	*path = 0;
	while ((d = readdir(dir)))
		if (!strncmp(d->d_name, "vfio", 4))
			snprintf(path, sizeof(path), "/dev/vfio/devices/%.64s", d->d_name);
	closedir(dir);
	return *path ? open_node(path) : -ENOENT;
}

static int cdev_bind(struct ccw *c)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = c->container };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach), .pt_id = c->ioas };

	if (ioctl(c->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    ioctl(c->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach))
		return -errno;
	return 0;
}

/* both */

int ccw_open_fd(struct ccw *c, const char *uuid)
{
	int ret;

	if (!c->ioas) {
		c->fd = ioctl(c->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
		return c->fd < 0 ? -errno : c->fd;
	}
	c->fd = cdev_open(uuid);
	if (c->fd < 0)
		return c->fd;
	ret = cdev_bind(c);
	if (!ret)
		return c->fd;
	ccw_close_fd(c);
	return ret;
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
	int ret = ccw_open_fd(c, uuid);

	if (ret < 0)
		return ret;
	if (ioctl(c->fd, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	c->irqs = info.num_irqs;
	ccw_irq(c, VFIO_CCW_IO_IRQ_INDEX, c->io);
	ccw_irq(c, VFIO_CCW_CRW_IRQ_INDEX, c->crw);
	if (c->irqs > VFIO_CCW_REQ_IRQ_INDEX)
		return ccw_irq(c, VFIO_CCW_REQ_IRQ_INDEX, c->req);
	/* a driver without the request interrupt needs a reset after open, as QEMU does */
	return ccw_reset(c);
}

int ccw_open(struct ccw *c, const char *uuid)
{
	int ret;

	*c = CCW_CLOSED;
	if (!there("/sys/bus/mdev/devices/%s", uuid))
		return -ENOENT;
	c->io = eventfd(0, EFD_NONBLOCK);
	c->crw = eventfd(0, EFD_NONBLOCK);
	c->req = eventfd(0, EFD_NONBLOCK);
	c->mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(c->mem, 0, MEM);

	ret = ccw_iommufd() ? ioas_open(c) : container_open(c, uuid);
	if (!ret)
		ret = ccw_map(c, IOVA, c->mem, MEM);
	if (!ret)
		ret = ccw_reopen_fd(c, uuid);
	if (ret)
		ccw_close(c);
	return ret;
}

int ccw_open_beside(struct ccw *c, const struct ccw *other, const char *uuid)
{
	int ret;

	*c = *other;
	c->fd = -1;
	c->group = -1;
	if (!c->ioas) {
		c->group = group_open(uuid);
		if (c->group < 0)
			return c->group;
		if (ioctl(c->group, VFIO_GROUP_SET_CONTAINER, &c->container))
			return -errno;
	}
	ret = ccw_open_fd(c, uuid);
	return ret < 0 ? ret : 0;
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

/* memory */

int ccw_map(struct ccw *c, uint64_t iova, void *vaddr, uint64_t size)
{
	struct vfio_iommu_type1_dma_map type1 = {
		.argsz = sizeof(type1),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = iova,
		.size = size,
		.vaddr = (uintptr_t)vaddr,
	};
	struct iommu_ioas_map ioas = {
		.size = sizeof(ioas),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = c->ioas,
		.iova = iova,
		.length = size,
		.user_va = (uintptr_t)vaddr,
	};
	int ret;

	if (c->ioas)
		ret = ioctl(c->container, IOMMU_IOAS_MAP, &ioas);
	else
		ret = ioctl(c->container, VFIO_IOMMU_MAP_DMA, &type1);
	return ret ? -errno : 0;
}

int ccw_unmap(struct ccw *c, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap type1 = {
		.argsz = sizeof(type1),
		.iova = iova,
		.size = size,
	};
	struct iommu_ioas_unmap ioas = {
		.size = sizeof(ioas),
		.ioas_id = c->ioas,
		.iova = iova,
		.length = size,
	};
	int ret;

	if (c->ioas)
		ret = ioctl(c->container, IOMMU_IOAS_UNMAP, &ioas);
	else
		ret = ioctl(c->container, VFIO_IOMMU_UNMAP_DMA, &type1);
	return ret ? -errno : 0;
}

uint8_t *faulting_page(int *uffd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	uint8_t *page;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*uffd = syscall(__NR_userfaultfd, O_CLOEXEC);
	reg.range.start = (uintptr_t)page;
	reg.range.len = PAGE;
	if (page == MAP_FAILED || *uffd < 0 || ioctl(*uffd, UFFDIO_API, &api) ||
	    ioctl(*uffd, UFFDIO_REGISTER, &reg))
		return NULL;
	return page;
}
