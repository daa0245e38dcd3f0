/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls on an open vfio device and on files of sysfs, in threads, for fuzzers of a driver
 *
 * A fuzzer has a table of the kinds of its calls, those below among them, and a plan.
 */
#ifndef MDEV_FUZZ_CALLS_H
#define MDEV_FUZZ_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define FUZZ_EVENTFDS 8
#define FUZZ_THREADS 16

/* One thread */
struct caller {
	struct fuzz_rng r;
	void *guard;
	unsigned int who;
	const struct fuzz_plan *plan;
};

/*
 * A kind of call. One of the two functions: with an open device, or without. Each returns a
 * negative value for a call that failed.
 */
struct fuzz_kind {
	const char *name;
	unsigned int weight;
	int (*alone)(struct caller *c);
	int (*with)(struct caller *c, int fd);
	atomic_uint good, bad;
};

struct fuzz_plan {
	const struct fuzz *fuzz;
	struct fuzz_kind *kinds;
	unsigned int nr_kinds;
	/* A descriptor of a device, which is closed after the call; -1: no call is made. */
	int (*device)(struct caller *c);
	/* Is called every 20 ms, by a thread of its own. */
	void (*watch)(void);
	/* an address of a device where something may be mapped */
	uint64_t iova;
	/* the usual indices of regions and interrupts */
	const uint32_t *indices;
	unsigned int nr_indices;
	/* of the run */
	pthread_t threads[FUZZ_THREADS];
	atomic_uint started, running;
};

/* A device and its user, NULL if it is closed; a thread takes the user that it closes or uses. */
struct fuzz_slot {
	struct user *_Atomic user;
	/* threads that wait in a removal, which waits until the user has closed */
	atomic_int removing;
};

static _Atomic int fuzz_eventfds[FUZZ_EVENTFDS];

/* Closes what a slot had; of each fuzzer. NULL is no user. */
static void close_user(struct user *user);

/* Gives a slot a user, or none; closes the one that it has, or that another thread has opened. */
static void set_user(struct fuzz_slot *s, struct user *user)
{
	close_user(atomic_exchange(&s->user, user));
}

static void begin_removal(struct fuzz_slot *s)
{
	atomic_fetch_add(&s->removing, 1);
	set_user(s, NULL);
}

static void end_removal(struct fuzz_slot *s)
{
	atomic_fetch_sub(&s->removing, 1);
}

/* For watch(): the user lets go while somebody waits in a removal. */
static void let_go(struct fuzz_slot *s)
{
	if (atomic_load(&s->removing))
		set_user(s, NULL);
}

static int eventfd_of(struct caller *c)
{
	unsigned int n = fuzz_below(&c->r, FUZZ_EVENTFDS);

	return fuzz_one_in(&c->r, 8) ? (int)fuzz_number(&c->r) : atomic_load(&fuzz_eventfds[n]);
}

/* A text for a file of sysfs, made of a right one; its length */
static size_t text_for(struct caller *c, const char *right, char *buf, size_t size)
{
	size_t len = snprintf(buf, size, "%s", right), i;

	switch (fuzz_below(&c->r, 24)) {
	case 0:
		for (i = 0; i < len; i++)
			buf[i] -= 0x20 * (buf[i] >= 'a' && buf[i] <= 'z');
		break;
	case 1:
		buf[len++] = '\n';
		break;
	case 2:
		len = fuzz_below(&c->r, len + 1);
		break;
	case 3:
		buf[fuzz_below(&c->r, len + 1)] = fuzz_next(&c->r);
		break;
	case 4:
		len = snprintf(buf, size, "%lld", (long long)fuzz_number(&c->r));
		break;
	case 5:
		len = fuzz_near(&c->r, size - 1) % size;
		fuzz_fill(&c->r, buf, len);
		break;
	case 6:
		len = snprintf(buf, size, "{%s}%s", right, right);
		break;
	default:
		break;
	}
	return len;
}

static int write_text(struct caller *c, const char *path, const char *right)
{
	char buf[2 * FUZZ_PAGE];
	size_t len = text_for(c, right, buf, sizeof(buf));
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, buf, len);
	close(fd);
	return ret;
}

static uint32_t an_index(struct caller *c)
{
	switch (fuzz_below(&c->r, 8)) {
	case 0:
		return fuzz_number(&c->r);
	case 1:
		return fuzz_below(&c->r, 11);
	default:
		return c->plan->indices[fuzz_below(&c->r, c->plan->nr_indices)];
	}
}

static uint32_t a_size(struct caller *c, uint32_t right)
{
	return fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : right;
}

static int info(struct caller *c, int fd, unsigned long cmd, void *data, size_t size)
{
	return ioctl(fd, cmd, fuzz_place(&c->r, c->guard, data, size));
}

static int call_info(struct caller *c, int fd)
{
	struct vfio_device_info device = { .argsz = a_size(c, sizeof(device)) };
	struct vfio_irq_info irq = { .argsz = a_size(c, sizeof(irq)), .index = an_index(c) };
	struct {
		struct vfio_region_info info;
		unsigned char caps[64];
	} region = {
		.info = { .argsz = a_size(c, sizeof(region.info)), .index = an_index(c) },
	};

	switch (fuzz_below(&c->r, 3)) {
	case 0:
		return info(c, fd, VFIO_DEVICE_GET_INFO, &device, sizeof(device));
	case 1:
		return info(c, fd, VFIO_DEVICE_GET_IRQ_INFO, &irq, sizeof(irq));
	default:
		return info(c, fd, VFIO_DEVICE_GET_REGION_INFO, &region,
			    fuzz_one_in(&c->r, 2) ? sizeof(region) : sizeof(region.info));
	}
}

static int call_irqs(struct caller *c, int fd)
{
	static const uint32_t action[] = {
		VFIO_IRQ_SET_ACTION_MASK, VFIO_IRQ_SET_ACTION_UNMASK, VFIO_IRQ_SET_ACTION_TRIGGER,
		VFIO_IRQ_SET_ACTION_TRIGGER,
	}, data[] = {
		VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_DATA_BOOL, VFIO_IRQ_SET_DATA_EVENTFD,
		VFIO_IRQ_SET_DATA_EVENTFD,
	};
	char buf[sizeof(struct vfio_irq_set) + 4 * sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	/* one interrupt gets an eventfd, or anything */
	bool usual = fuzz_one_in(&c->r, 2);
	unsigned int i, kind = usual ? 2 : fuzz_below(&c->r, 4);
	uint32_t nr = usual || fuzz_one_in(&c->r, 2) ? 1 : fuzz_below(&c->r, 5);
	int32_t fds[4];

	for (i = 0; i < 4; i++)
		fds[i] = fuzz_one_in(&c->r, 4) ? -1 : eventfd_of(c);
	*set = (struct vfio_irq_set){
		.argsz = a_size(c, sizeof(*set) + nr * (kind > 1 ? 4 : kind)),
		.flags = action[usual ? 2 : fuzz_below(&c->r, 4)] | data[kind],
		.index = an_index(c),
		.start = !usual && fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : 0,
		.count = !usual && fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) : nr,
	};
	if (!usual && fuzz_one_in(&c->r, 8))
		set->flags = fuzz_number(&c->r);
	memcpy(set->data, fds, sizeof(fds));
	return info(c, fd, VFIO_DEVICE_SET_IRQS, buf, sizeof(*set) + nr * 4);
}

static int call_any_ioctl(struct caller *c, int fd)
{
	unsigned char buf[256];

	fuzz_fill(&c->r, buf, sizeof(buf));
	/* its size, if the kernel looks for one */
	*(uint32_t *)buf = fuzz_near(&c->r, sizeof(buf));
	if (fuzz_one_in(&c->r, 3))
		return ioctl(fd, VFIO_DEVICE_RESET);
	return info(c, fd, _IO(VFIO_TYPE, VFIO_BASE + fuzz_below(&c->r, 26)), buf, sizeof(buf));
}

/* A place in a region, around its end or within it, or anywhere */
static off_t a_place(struct caller *c, int fd, uint64_t *left)
{
	struct vfio_region_info region = { .argsz = sizeof(region), .index = an_index(c) };
	uint64_t at;

	*left = 0;
	if (fuzz_one_in(&c->r, 10) || ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &region))
		return fuzz_number(&c->r) & INT64_MAX;
	at = fuzz_near(&c->r, region.size);
	if (at < region.size)
		*left = region.size - at;
	return (region.offset + at) & INT64_MAX;
}

static int call_read_write(struct caller *c, int fd)
{
	static const unsigned int usual[] = { 1, 2, 4, 8 };
	unsigned char data[512];
	uint64_t left;
	off_t at = a_place(c, fd, &left);
	size_t len = fuzz_one_in(&c->r, 3) ? fuzz_near(&c->r, left) : usual[fuzz_below(&c->r, 4)];
	void *buf;

	fuzz_fill(&c->r, data, sizeof(data));
	buf = fuzz_place(&c->r, c->guard, data, len < sizeof(data) ? len : sizeof(data));
	return fuzz_one_in(&c->r, 2) ? pread(fd, buf, len, at) : pwrite(fd, buf, len, at);
}

static int call_mmap(struct caller *c, int fd)
{
	uint64_t left;
	off_t at = a_place(c, fd, &left) & ~(FUZZ_PAGE - 1);
	size_t len = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : fuzz_near(&c->r, left);
	unsigned char *p;

	/* what the kernel refuses for want of room says nothing */
	if (len > 64UL << 20)
		len &= (64UL << 20) - 1;
	p = mmap(NULL, len, fuzz_below(&c->r, 8), fuzz_one_in(&c->r, 4) ? MAP_PRIVATE : MAP_SHARED,
		 fd, at);
	if (p == MAP_FAILED)
		return -1;
	/* through the kernel: a fault there is an error, and no signal */
	pread(fd, p + fuzz_below(&c->r, len), fuzz_below(&c->r, 64), a_place(c, fd, &left));
	pwrite(fd, p + fuzz_below(&c->r, len), fuzz_below(&c->r, 64), a_place(c, fd, &left));
	munmap(p, len);
	return 0;
}

/* A map or an unmap of a container */
static int call_type1(struct caller *c, int container)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = a_size(c, sizeof(map)),
		.flags = fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) : fuzz_below(&c->r, 4),
		.vaddr = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : (uintptr_t)c->guard,
		.iova = fuzz_one_in(&c->r, 2) ? fuzz_number(&c->r) & ~(FUZZ_PAGE - 1) :
						c->plan->iova,
		.size = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : FUZZ_PAGE,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = a_size(c, sizeof(unmap)), .iova = map.iova, .size = map.size,
		.flags = fuzz_one_in(&c->r, 4) ? fuzz_below(&c->r, 8) : 0,
	};

	return fuzz_one_in(&c->r, 2) ? info(c, container, VFIO_IOMMU_MAP_DMA, &map, sizeof(map)) :
				       info(c, container, VFIO_IOMMU_UNMAP_DMA, &unmap,
					    sizeof(unmap));
}

/* A command of iommufd, whose numbers begin with 0x80, with words that may mean something */
static int call_iommufd(struct caller *c, int iommufd)
{
	uint32_t buf[24] = { 8 * (1 + fuzz_below(&c->r, 11)) };
	unsigned int i = 1;
	uint64_t wide;

	while (i < sizeof(buf) / sizeof(buf[0]) - 1)
		switch (fuzz_below(&c->r, 6)) {
		case 0:
			buf[i++] = fuzz_below(&c->r, 8);	/* an object */
			break;
		case 1:
			buf[i++] = fuzz_number(&c->r);
			break;
		case 2:
			wide = fuzz_one_in(&c->r, 2) ? c->plan->iova : FUZZ_PAGE;
			memcpy(&buf[i], &wide, sizeof(wide));
			i += 2;
			break;
		case 3:
			wide = (uintptr_t)c->guard;
			memcpy(&buf[i], &wide, sizeof(wide));
			i += 2;
			break;
		default:
			buf[i++] = 0;
		}
	return info(c, iommufd, _IO(';', 0x80 + fuzz_below(&c->r, 21)), buf,
		    buf[0] < sizeof(buf) ? buf[0] : sizeof(buf));
}

static int call_eventfd(struct caller *c)
{
	int old = atomic_exchange(&fuzz_eventfds[fuzz_below(&c->r, FUZZ_EVENTFDS)],
				  eventfd(fuzz_below(&c->r, 2), EFD_CLOEXEC | EFD_NONBLOCK));

	return old < 0 ? -1 : close(old);
}

static void fuzz_one(struct caller *c)
{
	const struct fuzz_plan *p = c->plan;
	unsigned int all = 0, i, n;
	struct fuzz_kind *k;
	int fd, ret;

	for (i = 0; i < p->nr_kinds; i++)
		all += p->kinds[i].weight;
	n = fuzz_below(&c->r, all);
	for (k = p->kinds; n >= k->weight; k++)
		n -= k->weight;
	if (k->alone) {
		ret = k->alone(c);
	} else {
		fd = p->device(c);
		if (fd < 0)
			return;
		ret = k->with(c, fd);
		close(fd);
	}
	atomic_fetch_add(ret < 0 ? &k->bad : &k->good, 1);
}

static void *fuzz_thread(void *arg)
{
	struct fuzz_plan *p = arg;
	unsigned int who = atomic_fetch_add(&p->started, 1), i;
	void *guard = fuzz_guard();

	for (i = 0; i < p->fuzz->calls; i++) {
		struct caller c = {
			.r = fuzz_rng(p->fuzz, who, i), .guard = guard, .who = who, .plan = p,
		};

		if (fuzz_makes(p->fuzz, i))
			fuzz_one(&c);
	}
	atomic_fetch_sub(&p->running, 1);
	return NULL;
}

/* Makes the calls of all threads; prints how often each kind succeeded and failed. */
static void fuzz_run(struct fuzz_plan *p)
{
	const struct fuzz *f = p->fuzz;
	unsigned int i, threads = f->threads < FUZZ_THREADS ? f->threads : FUZZ_THREADS, calls = 0;
	struct timespec start, end;

	for (i = 0; i < FUZZ_EVENTFDS; i++)
		fuzz_eventfds[i] = -1;
	printf("# seed %llu, %u calls in each of %u threads\n", (unsigned long long)f->seed,
	       f->calls, threads);
	clock_gettime(CLOCK_MONOTONIC, &start);
	p->running = threads;
	for (i = 0; i < threads; i++)
		if (pthread_create(&p->threads[i], NULL, fuzz_thread, p))
			abort();
	while (atomic_load(&p->running)) {
		p->watch();
		usleep(20000);
	}
	for (i = 0; i < threads; i++)
		pthread_join(p->threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (i = 0; i < p->nr_kinds; i++) {
		printf("# @fuzz %s: %u succeeded, %u failed\n", p->kinds[i].name,
		       p->kinds[i].good, p->kinds[i].bad);
		calls += p->kinds[i].good + p->kinds[i].bad;
	}
	printf("# @fuzz seed=%llu calls=%u seconds=%.1f\n", (unsigned long long)f->seed, calls,
	       end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
}

#endif /* MDEV_FUZZ_CALLS_H */
