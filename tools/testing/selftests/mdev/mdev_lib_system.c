// SPDX-License-Identifier: GPL-2.0-only
/* Open devices, modules and uevents of the mdev tests, see mdev_lib.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mdev_lib.h"

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

/* The order of the calls is that of the example in Documentation/driver-api/vfio.rst. */
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

/* <linux/vfio.h> of the C library may be older than the kernel */
struct bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

#define BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)

int cdev_path(const char *uuid, char *buf, size_t size)
{
	DIR *dir = opendir(mdev_file(uuid, "vfio-dev"));
	struct dirent *d;
	int ret = -ENOENT;

	while (dir && (d = readdir(dir))) {
		if (strncmp(d->d_name, "vfio", 4))
			continue;
		snprintf(buf, size, "/dev/vfio/devices/%s", d->d_name);
		ret = file_exists(buf) ? 0 : -ENOENT;
	}
	if (dir)
		closedir(dir);
	return ret;
}

/* The calls of Documentation/driver-api/vfio.rst, "IOMMUFD and vfio_iommu_type1" */
int cdev_open(const char *uuid, struct cdev_user *user)
{
	struct bind_iommufd bind = { .argsz = sizeof(bind) };
	char path[PATH_SIZE];
	int ret = cdev_path(uuid, path, sizeof(path));

	*user = (struct cdev_user){ -1, -1 };
	if (ret)
		return ret;
	user->iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	user->device = open(path, O_RDWR | O_CLOEXEC);
	if (user->iommufd < 0 || user->device < 0)
		return -errno;
	bind.iommufd = user->iommufd;
	return ioctl(user->device, BIND_IOMMUFD, &bind) ? -errno : 0;
}

void cdev_close(struct cdev_user *user)
{
	if (user->device >= 0)
		close(user->device);
	if (user->iommufd >= 0)
		close(user->iommufd);
	*user = (struct cdev_user){ -1, -1 };
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

/* a module comes before those that it uses */
static const char * const core_users[] = {
	"mdev_test_budget", "mdev_test", "rust_mdev", "rust_managed", "mtty", "mdpy", "mbochs",
	"vfio_mdev", "mdev",
};

#define NR_CORE_USERS (sizeof(core_users) / sizeof(core_users[0]))

int core_unload(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < NR_CORE_USERS && !ret; i++)
		if (module_loaded(core_users[i]))
			ret = module_unload(core_users[i]);
	return ret;
}

int core_load(void)
{
	unsigned int i = NR_CORE_USERS;
	int ret;

	while (i--) {
		ret = module_load(core_users[i]);
		/* only the core is in every VM */
		if (ret && (ret != -ENOENT || !strcmp(core_users[i], "mdev")))
			return ret;
	}
	return 0;
}

int sample_ready(const char *name)
{
	/* old drivers count without a lock: an earlier race may have left a wrong count */
	bool reload = drivers_kind() == DRIVERS_OLD;
	int ret;

	if ((mdev_remove_all() > 0 || reload) && module_loaded(name)) {
		ret = module_unload(name);
		if (ret)
			return ret;
	}
	return module_loaded(name) ? 0 : module_load(name);
}

/* the kernel's log: see Documentation/ABI/testing/dev-kmsg of the kernel */

int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

int log_count(int fd, const char *text)
{
	char record[2048];
	int count = 0;
	ssize_t n;

	/* EPIPE: records were overwritten before they could be read */
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n > 0 ? n : 0] = 0;
		count += !!strstr(record, text);
	}
	return count;
}

/* windows */

#define WINDOW "/sys/module/mdev_window/parameters"

const char *window_open(const char *symbol, const char *comm, unsigned int ms, int wake)
{
	int ret;

	if (!module_loaded("mdev_window") && module_load("mdev_window"))
		return "mdev_window.ko does not load";
	ret = file_puts(WINDOW "/pause", path_of("%s %s %u %d", symbol, comm, ms, wake));
	if (ret == -ENOENT)
		return "the kernel has the function inline";
	return ret ? "this kernel has no CONFIG_KPROBES" : NULL;
}

void window_close(void)
{
	file_puts(WINDOW "/pause", "off");
}

int window_hits(void)
{
	char text[16];

	return file_read(WINDOW "/hits", text, sizeof(text)) < 0 ? 0 : atoi(text);
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

/* Receives a uevent: whether it is one of those, or -ETIMEDOUT if none came until end. */
static int uevent_next(int fd, const char *devpath_end, const char *text, long long end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long left = end - now_ms();
	char buf[8192];
	ssize_t n;

	if (left <= 0 || poll(&p, 1, left) <= 0)
		return -ETIMEDOUT;
	n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);
	if (n <= 0)
		return 0;
	buf[n] = 0;
	return uevent_is(buf, n, devpath_end, text);
}

int uevent_wait(int fd, const char *devpath_end, const char *text, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;
	int ret;

	do {
		ret = uevent_next(fd, devpath_end, text, end);
	} while (!ret);
	return ret < 0 ? ret : 0;
}

int uevent_count(int fd, const char *devpath_end, const char *text, int quiet_ms)
{
	int ret, count = 0;

	while ((ret = uevent_next(fd, devpath_end, text, now_ms() + quiet_ms)) >= 0)
		count += ret;
	return count;
}

/* available_instances as a file that can be waited for */

int available_open(const char *type)
{
	int fd = open(path_of("%s/available_instances", type), O_RDONLY | O_CLOEXEC);
	char buf[16];

	if (fd < 0)
		return -errno;
	if (read(fd, buf, sizeof(buf)) <= 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

int available_wait(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	return poll(&p, 1, timeout_ms) == 1 && (p.revents & POLLPRI) ? 0 : -ETIMEDOUT;
}
