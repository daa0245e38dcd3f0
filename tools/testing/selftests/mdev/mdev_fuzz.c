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
#include <stdatomic.h>
#include <unistd.h>

#include "fuzz_calls.h"
#include "mdev_lib.h"

#define SLOTS	12
#define TYPES	40
#define CALLS	5000

/* An open device, by its group or by its own file; the other one is closed. */
struct user {
	struct vfio_user group;
	struct cdev_user cdev;
};

struct slot {
	struct uuid u;
	struct fuzz_slot device;
};

struct type {
	char path[PATH_SIZE];
	int available;
	bool called;	/* its driver checks what a user says, and has regions */
};

static struct slot slots[SLOTS];
static struct type types[TYPES];
static unsigned int nr_types;

static void close_user(struct user *user)
{
	if (!user)
		return;
	vfio_close_mdev(&user->group);
	cdev_close(&user->cdev);
	free(user);
}

/*
 * A duplicate of the device's descriptor, so that another thread may close the slot meanwhile;
 * -1 if the slot is closed. Not while somebody removes the mdev: that waits for all descriptors.
 */
static int device_of(struct slot *s)
{
	struct user *user = atomic_exchange(&s->device.user, NULL);
	int fd;

	if (!user)
		return -1;
	fd = fcntl(user->group.device < 0 ? user->cdev.device : user->group.device,
		   F_DUPFD_CLOEXEC, 0);
	set_user(&s->device, user);
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

	begin_removal(&s->device);
	ret = write_text(c, mdev_file(s->u.s, "remove"), "1");
	end_removal(&s->device);
	return ret;
}

/* Takes the mdev from its driver, and gives it back */
static int call_unbind(struct caller *c)
{
	struct slot *s = a_slot(c);
	int ret;

	if (fuzz_one_in(&c->r, 2))
		return write_text(c, "/sys/bus/mdev/drivers_probe", s->u.s);
	begin_removal(&s->device);
	ret = write_text(c, mdev_file(s->u.s, "driver/unbind"), s->u.s);
	end_removal(&s->device);
	return ret;
}

static int call_open(struct caller *c)
{
	struct slot *s = a_slot(c);
	struct user *user;
	int ret;

	if (atomic_load(&s->device.removing))
		return -1;
	set_user(&s->device, NULL);
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
		set_user(&s->device, user);
	return ret;
}

static int call_close(struct caller *c)
{
	set_user(&a_slot(c)->device, NULL);
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

/* The address space of the devices: map, unmap, anything */
static int call_dma(struct caller *c)
{
	struct slot *s = a_slot(c);
	struct user *user = atomic_exchange(&s->device.user, NULL);
	int ret;

	if (!user)
		return -1;
	ret = user->cdev.device < 0 ? call_type1(c, user->group.container) :
				      call_iommufd(c, user->cdev.iommufd);
	set_user(&s->device, user);
	return ret;
}

static struct fuzz_kind kinds[] = {
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

static int device(struct caller *c)
{
	struct slot *s = a_slot(c);
	int fd = device_of(s);

	if (fd < 0 || slot_checks(s))
		return fd;
	close(fd);
	return -1;
}

/* A removal waits until the user has closed, and the user may wait in a removal. */
static void watch(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		let_go(&slots[i].device);
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
	/* most devices have the first regions alone, and the configuration space is 7 */
	static const uint32_t indices[] = { 0, 1, 0, 1, 0, 1, 7 };
	struct fuzz fuzz = fuzz_from_env(CALLS, 2);
	struct fuzz_plan plan = {
		.fuzz = &fuzz, .kinds = kinds, .nr_kinds = KINDS, .device = device, .watch = watch,
		.iova = 1 << 20, .indices = indices, .nr_indices = 7,
	};
	unsigned int i;
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
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
	printf("# %u types\n", nr_types);
	fuzz_run(&plan);
	puts("ok 1 fuzz.calls");
	for (i = 0; i < SLOTS; i++)
		set_user(&slots[i].device, NULL);
	good = books_balance();
	printf("%sok 2 fuzz.books\n", good ? "" : "not ");
	parents_del_all();
	return !good;
}
