// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_fuzz: random calls on mdevs, on their vfio devices and on the files of types
 *
 * Threads share SLOTS mdevs of all drivers that are loaded. A seed repeats the calls, see fuzz.h;
 * the order of two threads is the machine's. Afterwards every mdev can be removed, and each type
 * has as much room as before. Prints KTAP, and how often each kind of call succeeded and failed.
 *
 * The samples in C do not check what a user of their device says: mtty reads its configuration
 * space at any offset, and mbochs takes the last page of its memory for the one behind it. Their
 * devices are opened and closed, and called only where $FUZZ_SAMPLES is all.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "mdev_lib.h"

#define SLOTS	12
#define TYPES	40
#define EVENTFDS 8
#define CALLS	5000

/* An open device, by its group or by its own file; the other one is closed. */
struct user {
	struct vfio_user group;
	struct cdev_user cdev;
};

struct slot {
	struct uuid u;
	/* the user of the device; a thread takes what it closes or uses */
	struct user *_Atomic user;
	/* threads that wait in a removal: the user is to close */
	atomic_int removing;
};

struct type {
	char path[PATH_SIZE];
	int available;
	bool called;	/* its driver checks what a user says, and has regions */
};

/* One thread */
struct caller {
	struct fuzz_rng r;
	void *guard;
};

static struct slot slots[SLOTS];
static struct type types[TYPES];
static unsigned int nr_types;
static _Atomic int eventfds[EVENTFDS];
static atomic_bool over;
static struct fuzz fuzz;

static void close_user(struct user *user)
{
	if (!user)
		return;
	vfio_close_mdev(&user->group);
	cdev_close(&user->cdev);
	free(user);
}

/* Gives a slot a user, or none; closes the one that it has, or that another thread has opened. */
static void set_user(struct slot *s, struct user *user)
{
	close_user(atomic_exchange(&s->user, user));
}

/*
 * A duplicate of the device's descriptor, so that another thread may close the slot meanwhile;
 * -1 if the slot is closed. Not while somebody removes the mdev: that waits for all descriptors.
 */
static int device_of(struct slot *s)
{
	struct user *user = atomic_exchange(&s->user, NULL);
	int fd;

	if (!user)
		return -1;
	fd = fcntl(user->group.device < 0 ? user->cdev.device : user->group.device,
		   F_DUPFD_CLOEXEC, 0);
	set_user(s, user);
	return fd;
}

static bool driver_checks(const char *driver)
{
	return !strncmp(driver, "rust_", 5) || !strcmp(getenv("FUZZ_SAMPLES") ?: "", "all");
}

/* Whether a slot's mdev may be called. A descriptor of it keeps the mdev. */
static bool slot_checks(struct slot *s)
{
	char driver[64];

	return !file_link(mdev_file(s->u.s, "driver"), driver, sizeof(driver)) &&
	       driver_checks(driver);
}

static struct slot *a_slot(struct caller *c)
{
	return &slots[fuzz_below(&c->r, SLOTS)];
}

static int eventfd_of(struct caller *c)
{
	return fuzz_one_in(&c->r, 8) ? (int)fuzz_number(&c->r) :
				       atomic_load(&eventfds[fuzz_below(&c->r, EVENTFDS)]);
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

static int call_create(struct caller *c)
{
	struct slot *s = a_slot(c);
	unsigned int n = fuzz_below(&c->r, nr_types), i;

	/* three of four slots are for mdevs that are called, if there are types of such */
	for (i = 0; (s - slots) % 4 && i < nr_types && !types[n].called; i++)
		n = (n + 1) % nr_types;
	return write_text(c, path_of("%s/create", types[n].path), s->u.s);
}

static int call_remove(struct caller *c)
{
	struct slot *s = a_slot(c);
	int ret;

	atomic_fetch_add(&s->removing, 1);
	set_user(s, NULL);
	ret = write_text(c, mdev_file(s->u.s, "remove"), "1");
	atomic_fetch_sub(&s->removing, 1);
	return ret;
}

/* Takes the mdev from its driver, and gives it back */
static int call_unbind(struct caller *c)
{
	struct slot *s = a_slot(c);
	int ret;

	if (fuzz_one_in(&c->r, 2))
		return write_text(c, "/sys/bus/mdev/drivers_probe", s->u.s);
	atomic_fetch_add(&s->removing, 1);
	set_user(s, NULL);
	ret = write_text(c, mdev_file(s->u.s, "driver/unbind"), s->u.s);
	atomic_fetch_sub(&s->removing, 1);
	return ret;
}

static int call_open(struct caller *c)
{
	struct slot *s = a_slot(c);
	struct user *user;
	int ret;

	if (atomic_load(&s->removing))
		return -1;
	set_user(s, NULL);
	user = calloc(1, sizeof(*user));
	if (!user)
		return -ENOMEM;
	user->group = (struct vfio_user){ -1, -1, -1 };
	user->cdev = (struct cdev_user){ -1, -1 };
	ret = fuzz_one_in(&c->r, 2) ? cdev_open(s->u.s, &user->cdev) :
				      vfio_open_mdev(s->u.s, &user->group);
	if (ret)
		close_user(user);
	else
		set_user(s, user);
	return ret;
}

static int call_close(struct caller *c)
{
	set_user(a_slot(c), NULL);
	return 0;
}

static int call_read_file(struct caller *c)
{
	static const char * const of_type[] = {
		"available_instances", "device_api", "name", "description", "devices/..", "create",
	}, * const of_mdev[] = {
		"uevent", "mdev_type/available_instances", "power/control", "remove",
		"vfio-dev/..", "mdev_type/devices",
	};
	char buf[FUZZ_PAGE + 64];
	unsigned int n = fuzz_below(&c->r, 6);
	int fd = open(fuzz_one_in(&c->r, 2) ?
		      path_of("%s/%s", types[fuzz_below(&c->r, nr_types)].path, of_type[n]) :
		      mdev_file(a_slot(c)->u.s, of_mdev[n]), O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = pread(fd, buf, fuzz_near(&c->r, sizeof(buf)) % sizeof(buf), fuzz_near(&c->r, 16));
	close(fd);
	return ret;
}

static uint32_t an_index(struct caller *c)
{
	/* most devices have the first ones alone, and the configuration space is 7 */
	switch (fuzz_below(&c->r, 8)) {
	case 0:
		return fuzz_number(&c->r);
	case 1:
	case 2:
		return fuzz_below(&c->r, 11);
	case 3:
		return 7;
	default:
		return fuzz_below(&c->r, 2);
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
	unsigned int i, kind = fuzz_below(&c->r, 4);
	uint32_t nr = fuzz_one_in(&c->r, 2) ? 1 : fuzz_below(&c->r, 5);
	int32_t fds[4];

	for (i = 0; i < 4; i++)
		fds[i] = fuzz_one_in(&c->r, 4) ? -1 : eventfd_of(c);
	*set = (struct vfio_irq_set){
		.argsz = a_size(c, sizeof(*set) + nr * (kind > 1 ? 4 : kind)),
		.flags = fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) :
						 action[fuzz_below(&c->r, 4)] | data[kind],
		.index = an_index(c),
		.start = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : 0,
		.count = fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) : nr,
	};
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

/* The address space of the devices: map, unmap, anything */
static int call_dma(struct caller *c)
{
	struct slot *s = a_slot(c);
	struct user *user = atomic_exchange(&s->user, NULL);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = a_size(c, sizeof(map)),
		.flags = fuzz_one_in(&c->r, 8) ? fuzz_number(&c->r) : fuzz_below(&c->r, 4),
		.vaddr = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : (uintptr_t)c->guard,
		.iova = fuzz_one_in(&c->r, 2) ? fuzz_number(&c->r) & ~(FUZZ_PAGE - 1) : 1 << 20,
		.size = fuzz_one_in(&c->r, 4) ? fuzz_number(&c->r) : FUZZ_PAGE,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = a_size(c, sizeof(unmap)), .iova = map.iova, .size = map.size,
		.flags = fuzz_one_in(&c->r, 4) ? fuzz_below(&c->r, 8) : 0,
	};
	int ret;

	if (!user)
		return -1;
	ret = fuzz_one_in(&c->r, 2) ?
	      info(c, user->group.container, VFIO_IOMMU_MAP_DMA, &map, sizeof(map)) :
	      info(c, user->group.container, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap));
	set_user(s, user);
	return ret;
}

static int call_eventfd(struct caller *c)
{
	int old = atomic_exchange(&eventfds[fuzz_below(&c->r, EVENTFDS)],
				  eventfd(fuzz_below(&c->r, 2), EFD_CLOEXEC | EFD_NONBLOCK));

	return old < 0 ? -1 : close(old);
}

/* A kind of call. One of the two functions: with an open device, or without. */
static struct kind {
	const char *name;
	unsigned int weight;
	int (*alone)(struct caller *c);
	int (*with)(struct caller *c, int fd);
	atomic_uint good, bad;
} kinds[] = {
	{ .name = "create", .weight = 12, .alone = call_create },
	{ .name = "remove", .weight = 3, .alone = call_remove },
	{ .name = "unbind", .weight = 1, .alone = call_unbind },
	{ .name = "open", .weight = 12, .alone = call_open },
	{ .name = "close", .weight = 2, .alone = call_close },
	{ .name = "read_file", .weight = 6, .alone = call_read_file },
	{ .name = "dma", .weight = 4, .alone = call_dma },
	{ .name = "eventfd", .weight = 2, .alone = call_eventfd },
	{ .name = "info", .weight = 10, .with = call_info },
	{ .name = "irqs", .weight = 16, .with = call_irqs },
	{ .name = "ioctl", .weight = 8, .with = call_any_ioctl },
	{ .name = "read_write", .weight = 24, .with = call_read_write },
	{ .name = "mmap", .weight = 8, .with = call_mmap },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void one_call(struct caller *c)
{
	unsigned int all = 0, i, n;
	struct kind *k;
	int fd, ret;

	for (i = 0; i < KINDS; i++)
		all += kinds[i].weight;
	n = fuzz_below(&c->r, all);
	for (k = kinds; n >= k->weight; k++)
		n -= k->weight;
	if (k->alone) {
		ret = k->alone(c);
	} else {
		struct slot *s = a_slot(c);

		fd = device_of(s);
		if (fd < 0)
			return;
		ret = slot_checks(s) ? k->with(c, fd) : -1;
		close(fd);
	}
	atomic_fetch_add(ret < 0 ? &k->bad : &k->good, 1);
}

static atomic_uint running;

static void thread(unsigned int who, void *arg)
{
	unsigned int i;

	(void)arg;
	if (who == fuzz.threads) {
		/* a removal waits until the user has closed, and the user may wait in a removal */
		while (!atomic_load(&over)) {
			for (i = 0; i < SLOTS; i++)
				if (atomic_load(&slots[i].removing))
					set_user(&slots[i], NULL);
			msleep(20);
		}
		return;
	}
	for (i = 0; i < fuzz.calls; i++) {
		struct caller c = { .r = fuzz_rng(&fuzz, who, i) };
		static __thread void *guard;

		if (!guard)
			guard = fuzz_guard();
		c.guard = guard;
		if (fuzz_makes(&fuzz, i))
			one_call(&c);
	}
	if (atomic_fetch_sub(&running, 1) == 1)
		atomic_store(&over, true);
}

/* All types of all parents, and the room that they have */
static void find_types(void)
{
	DIR *parents = opendir(MDEV_CLASS), *dir;
	struct dirent *parent, *type;

	while (parents && (parent = readdir(parents))) {
		dir = opendir(path_of(MDEV_CLASS "/%s/mdev_supported_types", parent->d_name));
		while (dir && (type = readdir(dir)) && nr_types < TYPES)
			if (type->d_name[0] != '.' &&
			    type_path(parent->d_name, type->d_name, types[nr_types].path)) {
				types[nr_types].available = mdev_available(types[nr_types].path);
				types[nr_types].called = driver_checks(parent->d_name) &&
							 strcmp(parent->d_name, "rust_managed");
				nr_types++;
			}
		if (dir)
			closedir(dir);
	}
	if (parents)
		closedir(parents);
}

static bool books_balance(void)
{
	int left = mdev_remove_all();
	bool good = left == 0;
	unsigned int i;

	if (left)
		printf("# %d mdevs cannot be removed\n", left);
	for (i = 0; i < nr_types; i++) {
		int now = mdev_available(types[i].path);

		if (now != types[i].available)
			printf("# %s: %d instances are available, and were %d\n",
			       types[i].path, now, types[i].available);
		good &= now == types[i].available;
	}
	return good;
}

int main(void)
{
	static const char * const samples[] = {
		"mtty", "mdpy", "mbochs", "rust_mdev", "rust_managed",
	};
	unsigned int i, calls = 0;
	long long start;
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fuzz = fuzz_from_env(CALLS, 2);
	puts("TAP version 13\n1..2");
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		sample_ready(samples[i]);
	if (test_parents() && (parents_del_all() || parent_new("name=fuzz types=2 max=3")))
		puts("# no parent of mdev_test.ko");
	find_types();
	if (!nr_types) {
		puts("not ok 1 fuzz.calls\n# no driver of mdevs is loaded\nnot ok 2 fuzz.books");
		return 1;
	}
	for (i = 0; i < SLOTS; i++)
		slots[i].u = uuid_new();
	for (i = 0; i < EVENTFDS; i++)
		eventfds[i] = -1;
	printf("# seed %llu, %u calls in each of %u threads, %u types\n",
	       (unsigned long long)fuzz.seed, fuzz.calls, fuzz.threads, nr_types);
	start = now_ms();
	running = fuzz.threads;
	crowd_run(fuzz.threads + 1, thread, NULL);
	for (i = 0; i < KINDS; i++) {
		printf("# @fuzz %s: %u succeeded, %u failed\n", kinds[i].name, kinds[i].good,
		       kinds[i].bad);
		calls += kinds[i].good + kinds[i].bad;
	}
	printf("# @fuzz seed=%llu calls=%u seconds=%.1f\n", (unsigned long long)fuzz.seed, calls,
	       (now_ms() - start) / 1e3);
	puts("ok 1 fuzz.calls");
	for (i = 0; i < SLOTS; i++)
		set_user(&slots[i], NULL);
	good = books_balance();
	printf("%sok 2 fuzz.books\n", good ? "" : "not ");
	parents_del_all();
	return !good;
}
