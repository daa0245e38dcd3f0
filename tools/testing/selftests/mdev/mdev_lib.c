// SPDX-License-Identifier: GPL-2.0-only
/* What the tests of the mdev core share, see mdev_lib.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/vfio.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "mdev_lib.h"

/* files */

const char *path_of(const char *fmt, ...)
{
	static __thread char paths[16][2 * PATH_SIZE];
	static __thread unsigned int next;
	char *path = paths[next++ % 16];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(paths[0]), fmt, ap);
	va_end(ap);
	return path;
}

int file_write(const char *path, const void *buf, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, buf, len);
	if (n < 0)
		ret = -errno;
	else if ((size_t)n != len)
		ret = -EIO;
	close(fd);
	return ret;
}

int file_puts(const char *path, const char *text)
{
	return file_write(path, text, strlen(text));
}

ssize_t file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = 0;
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	else
		buf[n] = 0;
	close(fd);
	return n;
}

int file_mode(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return -errno;
	return st.st_mode & 07777;
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int file_link(const char *path, char *buf, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	char *slash;

	buf[0] = 0;
	if (n < 0)
		return -errno;
	target[n] = 0;
	slash = strrchr(target, '/');
	snprintf(buf, size, "%s", slash ? slash + 1 : target);
	return 0;
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

int dir_list(const char *path, char *buf, size_t size)
{
	struct dirent **names;
	int i, n = scandir(path, &names, not_dots, alphasort);
	size_t len = 0;

	buf[0] = 0;
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		if (len < size)
			len += snprintf(buf + len, size - len, "%s ", names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return n;
}

int dir_count(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (!d)
		return -errno;
	while ((e = readdir(d)))
		n += not_dots(e);
	closedir(d);
	return n;
}

/* cores */

/* In a VM this takes seconds, so run_mdev.sh does it once and passes MDEV_TEST_CORE on. */
static enum core core_from_symbols(void)
{
	enum core kind = CORE_NONE;
	char line[1024], sym[512];
	FILE *f = fopen("/proc/kallsyms", "r");

	if (!f)
		return CORE_NONE;
	while (kind != CORE_OURS && fgets(line, sizeof(line), f)) {
		if (!strstr(line, " mdev_register_") || sscanf(line, "%*s %*s %511s", sym) != 1)
			continue;
		if (!strcmp(sym, "mdev_register_parent_budget"))
			kind = CORE_OURS;
		else if (!strcmp(sym, "mdev_register_parent"))
			kind = CORE_TREE;
		else if (!strcmp(sym, "mdev_register_device") && kind == CORE_NONE)
			kind = CORE_OLD;
	}
	fclose(f);
	return kind;
}

static const char * const core_names[] = { "none", "old", "own", "ours" };

enum core core_kind(void)
{
	static int kind = -1;
	const char *told = getenv("MDEV_TEST_CORE");

	for (int i = CORE_NONE; told && kind < 0 && i <= CORE_OURS; i++)
		if (!strcmp(told, core_names[i]))
			kind = i;
	if (kind < 0)
		kind = core_from_symbols();
	return kind;
}

const char *core_name(void)
{
	return core_names[core_kind()];
}

enum drivers drivers_kind(void)
{
	static const char * const names[] = { "old", "new", "migrated" };
	const char *told = getenv("MDEV_TEST_DRIVERS");

	for (int i = DRIVERS_OLD; told && *told && i <= DRIVERS_MIGRATED; i++)
		if (!strcmp(told, names[i]))
			return i;
	if (told && *told) {
		say("MDEV_TEST_DRIVERS is '%s', which is none of old, new, migrated", told);
		abort();
	}
	return core_kind() == CORE_OLD ? DRIVERS_OLD : DRIVERS_NEW;
}

int no_room(const char *module)
{
	static const struct {
		const char *module;
		int by[DRIVERS_MIGRATED];
	} own[] = {
		/* 5.10's mtty admits any number; this is what it says since it has a limit */
		{ "mtty", { [DRIVERS_OLD] = -ENOSPC, [DRIVERS_NEW] = -ENOSPC } },
		{ "mdpy", { [DRIVERS_OLD] = -ENOMEM, [DRIVERS_NEW] = -EUSERS } },
		{ "mbochs", { [DRIVERS_OLD] = -ENOMEM, [DRIVERS_NEW] = -ENOSPC } },
	};
	enum drivers kind = drivers_kind();
	size_t i;

	if (!module || kind == DRIVERS_MIGRATED)
		return -EUSERS;
	for (i = 0; strcmp(module, own[i].module); i++)
		if (i + 1 == sizeof(own) / sizeof(own[0]))
			abort();
	return own[i].by[kind];
}

/* mdevs */

struct uuid uuid_new(void)
{
	static unsigned int count;
	struct uuid u;

	/* the middle parts hold letters, so that upper and lower case differ */
	snprintf(u.s, sizeof(u.s), "%08x-abcd-4ef0-8abc-%012x", (unsigned int)getpid(),
		 __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
	return u;
}

void uuid_upper(struct uuid *u)
{
	char *c;

	for (c = u->s; *c; c++)
		*c = toupper(*c);
}

int mdev_create(const char *type, const char *uuid)
{
	return file_puts(path_of("%s/create", type), uuid);
}

const char *mdev_file(const char *uuid, const char *file)
{
	return path_of(MDEV_DEVICES "/%s%s%s", uuid, *file ? "/" : "", file);
}

int mdev_remove(const char *uuid)
{
	return file_puts(mdev_file(uuid, "remove"), "1");
}

bool mdev_exists(const char *uuid)
{
	return file_exists(mdev_file(uuid, ""));
}

int mdev_count(void)
{
	int n = dir_count(MDEV_DEVICES);

	return n == -ENOENT ? 0 : n;
}

int mdev_remove_all(void)
{
	DIR *d = opendir(MDEV_DEVICES);
	struct dirent *e;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		if (not_dots(e))
			mdev_remove(e->d_name);
	closedir(d);
	return mdev_count();
}

bool parse_as_mdevctl(const char *text, int *val)
{
	char *end;
	long n;

	while (isspace((unsigned char)*text))
		text++;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || n > INT32_MAX || n < INT32_MIN)
		return false;
	while (isspace((unsigned char)*end))
		end++;
	*val = n;
	return !*end;
}

bool parse_as_libvirt(const char *text, unsigned int *val)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || n > UINT32_MAX)
		return false;
	*val = n;
	return !*end || !strcmp(end, "\n");
}

int mdev_available(const char *type)
{
	const char *path = path_of("%s/available_instances", type);
	char text[64];
	int val;

	if (file_read(path, text, sizeof(text)) < 0 || !parse_as_mdevctl(text, &val))
		return AVAILABLE_BAD;
	return val;
}

bool type_path(const char *parent, const char *type, char *buf)
{
	snprintf(buf, PATH_SIZE, MDEV_CLASS "/%s/mdev_supported_types/%s", parent, type);
	return file_exists(buf);
}

/* parents of mdev_test.ko */

bool test_parents(void)
{
	return file_exists(TEST_BUS "/new_parent");
}

bool test_budgets(void)
{
	return file_exists(TEST_BUS "/new_budget_parent");
}

static int parent_new_by(const char *file, const char *fmt, va_list ap)
{
	static __thread char words[4096];

	vsnprintf(words, sizeof(words), fmt, ap);
	return file_puts(file, words);
}

int parent_new(const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = parent_new_by(TEST_BUS "/new_parent", fmt, ap);
	va_end(ap);
	return ret;
}

int parent_new_budget(const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = parent_new_by(TEST_BUS "/new_budget_parent", fmt, ap);
	va_end(ap);
	return ret;
}

int parent_del(const char *name)
{
	return file_puts(TEST_BUS "/del_parent", name);
}

int parent_set(const char *name, const char *knob, int val)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", val);
	return file_puts(path_of(TEST_BUS "/devices/%s/%s", name, knob), text);
}

int parent_get(const char *name, const char *counter)
{
	char text[64];

	if (file_read(path_of(TEST_BUS "/devices/%s/%s", name, counter), text, sizeof(text)) < 0)
		return AVAILABLE_BAD;
	return atoi(text);
}

bool parent_type(const char *name, unsigned int nr, char *buf)
{
	snprintf(buf, PATH_SIZE, TEST_BUS "/devices/%s/mdev_supported_types/mdev_test-t%u", name,
		 nr);
	return file_exists(buf);
}

int held_count(void)
{
	char text[64];

	return file_read(TEST_BUS "/held", text, sizeof(text)) < 0 ? 0 : atoi(text);
}

int held_drop(void)
{
	return file_puts(TEST_BUS "/drop", "all");
}

int parents_del_all(void)
{
	char names[8192], *name, *save;

	if (!test_parents())
		return 0;
	if (dir_list(TEST_BUS "/devices", names, sizeof(names)) > 0)
		for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
			parent_del(name);
	held_drop();
	return dir_count(TEST_BUS "/devices");
}

/* vfio */

static int vfio_group_of(const char *uuid)
{
	char group[64];
	int ret = file_link(mdev_file(uuid, "iommu_group"), group, sizeof(group));

	if (ret)
		return ret;
	ret = open(path_of("/dev/vfio/%s", group), O_RDWR | O_CLOEXEC);
	return ret < 0 ? -errno : ret;
}

int vfio_open_mdev(const char *uuid, struct vfio_user *user)
{
	int ret;

	user->device = -1;
	user->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (user->container < 0)
		return -errno;
	user->group = vfio_group_of(uuid);
	if (user->group < 0) {
		ret = user->group;
		goto out;
	}
	if (ioctl(user->group, VFIO_GROUP_SET_CONTAINER, &user->container) ||
	    ioctl(user->container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)) {
		ret = -errno;
		goto out;
	}
	user->device = ioctl(user->group, VFIO_GROUP_GET_DEVICE_FD, uuid);
	if (user->device >= 0)
		return 0;
	ret = -errno;
out:
	vfio_close_mdev(user);
	return ret;
}

void vfio_close_mdev(struct vfio_user *user)
{
	if (user->device >= 0)
		close(user->device);
	if (user->group >= 0)
		close(user->group);
	if (user->container >= 0)
		close(user->container);
	user->device = -1;
	user->group = -1;
	user->container = -1;
}

/* modules */

bool module_loaded(const char *name)
{
	return file_exists(path_of("/sys/module/%s/initstate", name));
}

static int module_open(const char *name)
{
	const char *column = getenv("column"), *folders = getenv("MDEV_TEST_MODULES");
	char list[1024], *folder, *save;

	if (folders)
		snprintf(list, sizeof(list), "%s", folders);
	else
		snprintf(list, sizeof(list), "/modules/%s:/modules/common",
			 column ? column : "own");
	for (folder = strtok_r(list, ":", &save); folder; folder = strtok_r(NULL, ":", &save)) {
		int fd = open(path_of("%s/%s.ko", folder, name), O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

int module_load(const char *name)
{
	int fd = module_open(name), ret = 0;

	if (fd < 0)
		return fd;
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		ret = -errno;
	close(fd);
	return ret;
}

int module_load_failing(const char *name, unsigned int nth, bool *fired)
{
	int fd = module_open(name), ret = 0;

	if (fd < 0)
		return fd;
	fault_begin(nth);
	if (syscall(SYS_finit_module, fd, "", 0))
		ret = -errno;
	*fired = fault_end();
	close(fd);
	return ret;
}

int module_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

int sample_ready(const char *name)
{
	/* a driver that counts without a lock may have lost count for good: a test begins anew */
	bool reload = drivers_kind() == DRIVERS_OLD;
	int ret;

	if ((mdev_remove_all() > 0 || reload) && module_loaded(name)) {
		ret = module_unload(name);
		if (ret)
			return ret;
	}
	return module_loaded(name) ? 0 : module_load(name);
}

/* uevents */

int uevent_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	int size = 4 << 20;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static bool uevent_is(const char *buf, ssize_t len, const char *devpath_end, const char *text)
{
	bool path = false, line = false;
	const char *s;

	for (s = buf; s < buf + len; s += strlen(s) + 1) {
		size_t n = strlen(s), e = strlen(devpath_end);

		if (!strncmp(s, "DEVPATH=", 8) && n >= e && !strcmp(s + n - e, devpath_end))
			path = true;
		if (!strcmp(s, text))
			line = true;
	}
	return path && line;
}

int uevent_wait(int fd, const char *devpath_end, const char *text, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;
	char buf[8192];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		long long left = end - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left) <= 0)
			return -ETIMEDOUT;
		n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);
		if (n <= 0)
			continue;
		buf[n] = 0;
		if (uevent_is(buf, n, devpath_end, text))
			return 0;
	}
}

/* failing allocations */

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAILPAGE "/sys/kernel/debug/fail_page_alloc/"
#define FAIL_NTH "/proc/thread-self/fail-nth"

static bool fault_range(const char *what, unsigned long start, unsigned long end)
{
	static const char * const folders[] = { FAILSLAB, FAILPAGE };
	char text[32];
	int i;

	for (i = 0; i < 2; i++) {
		if (!file_exists(folders[i]))
			continue;
		snprintf(text, sizeof(text), "0x%lx", start);
		if (file_puts(path_of("%s%s-start", folders[i], what), text))
			return false;
		snprintf(text, sizeof(text), "0x%lx", end);
		if (file_puts(path_of("%s%s-end", folders[i], what), text))
			return false;
	}
	return true;
}

/* from the first to behind the last function of a module; the space of modules comes in pages */
static bool module_text(const char *name, unsigned long *start, unsigned long *end)
{
	const char *tag = path_of("[%s]\n", name);
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[1024], kind;
	unsigned long addr;

	*start = -1UL;
	*end = 0;
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, tag) || sscanf(line, "%lx %c", &addr, &kind) != 2 ||
		    tolower(kind) != 't')
			continue;
		*start = addr < *start ? addr : *start;
		*end = addr > *end ? addr : *end;
	}
	fclose(f);
	*end = (*end | 4095) + 1;
	return *start && *start < *end;
}

const char *fault_ready(const char *only, const char *except)
{
	unsigned long start, end;

	if (!file_exists(FAIL_NTH))
		return "this kernel has no fault injection (CONFIG_FAULT_INJECTION)";
	if (!file_exists(FAILSLAB))
		return "this kernel has no failslab, or debugfs is not mounted";
	file_puts(FAILSLAB "cache-filter", "N");
	if (file_puts(FAILSLAB "ignore-gfp-wait", "N"))
		return "failslab/ignore-gfp-wait cannot be set";
	file_puts(FAILPAGE "ignore-gfp-wait", "N");
	/* the log would be full of stacks otherwise */
	file_puts(FAILSLAB "verbose", "0");
	file_puts(FAILPAGE "verbose", "0");
	file_puts("/sys/kernel/debug/fail_usercopy/verbose", "0");

	if (!file_exists(FAILSLAB "require-start"))
		return only || except ? "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER" : NULL;
	fault_range("require", 0, -1UL);
	fault_range("reject", 0, 0);
	if (only && (!module_text(only, &start, &end) || !fault_range("require", start, end)))
		return "the place of a module is not known";
	if (except && (!module_text(except, &start, &end) || !fault_range("reject", start, end)))
		return "the place of a module is not known";
	return NULL;
}

static __thread int fail_fd = -1;

void fault_begin(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	fail_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fail_fd < 0 || pwrite(fail_fd, text, n, 0) != n)
		abort();
}

bool fault_end(void)
{
	char text[16] = "";
	int error = errno;

	/* copying from and to user space may meet the failure too, but only once */
	while (pread(fail_fd, text, sizeof(text) - 1, 0) < 0)
		;
	while (pwrite(fail_fd, "0", 1, 0) < 0)
		;
	close(fail_fd);
	errno = error;
	return atoi(text) == 0;
}

/* threads */

struct crowd {
	pthread_barrier_t gate;
	unsigned int rounds;
	void (*before)(unsigned int round, void *arg);
	void (*fn)(unsigned int who, void *arg);
	void (*after)(unsigned int round, void *arg);
	void *arg;
};

struct crowd_member {
	struct crowd *crowd;
	unsigned int who;
};

static void *crowd_thread(void *arg)
{
	struct crowd_member *m = arg;
	struct crowd *c = m->crowd;
	unsigned int round;

	for (round = 0; round < c->rounds; round++) {
		if (m->who == 0 && c->before)
			c->before(round, c->arg);
		pthread_barrier_wait(&c->gate);
		c->fn(m->who, c->arg);
		pthread_barrier_wait(&c->gate);
		if (m->who == 0 && c->after)
			c->after(round, c->arg);
	}
	return NULL;
}

static void crowd_go(struct crowd *crowd, unsigned int n)
{
	struct crowd_member members[CROWD_MAX];
	pthread_t threads[CROWD_MAX];
	unsigned int i;

	if (n > CROWD_MAX)
		abort();
	pthread_barrier_init(&crowd->gate, NULL, n);
	for (i = 0; i < n; i++) {
		members[i] = (struct crowd_member){ .crowd = crowd, .who = i };
		if (pthread_create(&threads[i], NULL, crowd_thread, &members[i]))
			abort();
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&crowd->gate);
}

void crowd_run(unsigned int n, void (*fn)(unsigned int who, void *arg), void *arg)
{
	struct crowd crowd = { .rounds = 1, .fn = fn, .arg = arg };

	crowd_go(&crowd, n);
}

void crowd_rounds(unsigned int n, unsigned int rounds,
		  void (*before)(unsigned int round, void *arg),
		  void (*fn)(unsigned int who, void *arg),
		  void (*after)(unsigned int round, void *arg), void *arg)
{
	struct crowd crowd = {
		.rounds = rounds, .before = before, .fn = fn, .after = after, .arg = arg,
	};

	crowd_go(&crowd, n);
}

void msleep(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* output and size */

void say(const char *fmt, ...)
{
	char line[1024] = "# ";
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(line + 2, sizeof(line) - 3, fmt, ap);
	va_end(ap);
	n = strlen(line);
	line[n] = '\n';
	if (write(STDOUT_FILENO, line, n + 1) < 0)
		return;
}

unsigned int scaled(unsigned int n)
{
	const char *percent = getenv("MDEV_TEST_SCALE");
	unsigned long s = percent ? strtoul(percent, NULL, 10) : 100;
	unsigned long r = n * s / 100;

	return r ? r : 1;
}
