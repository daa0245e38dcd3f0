// SPDX-License-Identifier: GPL-2.0-only
/* Files, subchannels, mdevs and channel reports of the vfio-ccw tests, see ccw_lib.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ccw_lib.h"

/* files */

int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

ssize_t get(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	while (n > 0 && buf[n - 1] == '\n')
		buf[--n] = 0;
	return n;
}

bool there(const char *fmt, ...)
{
	char path[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return !access(path, F_OK);
}

int sh(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	fflush(NULL);
	ret = system(cmd);
	return WIFEXITED(ret) ? WEXITSTATUS(ret) : 128;
}

pid_t put_elsewhere(const char *path, const char *text)
{
	pid_t pid = fork();

	if (!pid) {
		for (int fd = 3; fd < 256; fd++)
			close(fd);
		_exit(-put(path, text));
	}
	return pid;
}

int ended(pid_t pid, unsigned int timeout_ms)
{
	int status;

	for (unsigned int i = 0; i <= timeout_ms / 10; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
		ms(10);
	}
	return -ETIMEDOUT;
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void ms(unsigned int n)
{
	usleep(n * 1000);
}

long locked_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

/* subchannels */

int sch_find(const char *devno, char sch[NAME])
{
	DIR *dir = opendir(CSS "/devices");
	struct dirent *d;
	char path[512], id[NAME];
	int ret = -ENODEV;

	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		snprintf(path, sizeof(path), CSS "/devices/%s/dev_busid", d->d_name);
		if (get(path, id, sizeof(id)) > 0 && !strcmp(id, devno)) {
			snprintf(sch, NAME, "%.*s", NAME - 1, d->d_name);
			ret = 0;
			break;
		}
	}
	closedir(dir);
	return ret;
}

bool sch_there(const char *sch)
{
	return there(CSS "/devices/%s", sch);
}

bool sch_driver_is(const char *sch, const char *driver)
{
	char path[512], link[512];
	ssize_t n;

	snprintf(path, sizeof(path), CSS "/devices/%s/driver", sch);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return !*driver;
	link[n] = 0;
	return !strcmp(strrchr(link, '/') + 1, driver);
}

int sch_unbind(const char *sch)
{
	char path[512];

	snprintf(path, sizeof(path), CSS "/devices/%s/driver/unbind", sch);
	return put(path, sch);
}

/*
 * virtio_ccw sets a device online asynchronously and does not wait for that in its remove: if it is
 * unbound before, the kernel crashes.
 */
static void wait_online(const char *sch)
{
	char path[512], text[NAME] = "";

	snprintf(path, sizeof(path), CSS "/devices/%s/dev_busid", sch);
	get(path, text, sizeof(text));
	if (!there("/sys/bus/ccw/drivers/virtio_ccw/%s", text))
		return;
	snprintf(path, sizeof(path), "/sys/bus/ccw/devices/%s/online", text);
	for (int i = 0; i < 2000 && (get(path, text, sizeof(text)) < 1 || *text != '1'); i++)
		ms(10);
	ms(50);
}

int sch_bind(const char *sch)
{
	char path[512];
	int ret;

	if (sch_driver_is(sch, "vfio_ccw"))
		return 0;
	snprintf(path, sizeof(path), CSS "/devices/%s/driver_override", sch);
	ret = put(path, "vfio_ccw");
	if (ret)
		return ret;
	/* io_subchannel may still be doing the I/O that recognizes the device */
	put("/proc/cio_settle", "1");
	wait_online(sch);
	if (!sch_driver_is(sch, "")) {
		ret = sch_unbind(sch);
		if (ret)
			return ret;
	}
	return put(CSS "/drivers/vfio_ccw/bind", sch);
}

int sch_release(const char *sch)
{
	char path[512];

	snprintf(path, sizeof(path), CSS "/devices/%s/driver_override", sch);
	put(path, "\n");
	if (sch_driver_is(sch, "vfio_ccw"))
		sch_unbind(sch);
	put(CSS "/drivers_probe", sch);
	return put("/proc/cio_settle", "1");
}

/* mdevs */

int mdev_create(const char *sch, const char *uuid)
{
	char path[512];

	snprintf(path, sizeof(path), CSS "/devices/%s/mdev_supported_types/vfio_ccw-io/create",
		 sch);
	return put(path, uuid);
}

int mdev_remove(const char *uuid)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/remove", uuid);
	return put(path, "1");
}

bool mdev_there(const char *uuid)
{
	return there("/sys/bus/mdev/devices/%s", uuid);
}

int mdev_available(const char *sch)
{
	char path[512], text[32];

	snprintf(path, sizeof(path),
		 CSS "/devices/%s/mdev_supported_types/vfio_ccw-io/available_instances", sch);
	return get(path, text, sizeof(text)) > 0 ? atoi(text) : -1;
}

pid_t mdev_remove_elsewhere(const char *uuid)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/remove", uuid);
	return put_elsewhere(path, "1");
}

pid_t sch_unbind_elsewhere(const char *sch)
{
	return put_elsewhere(CSS "/drivers/vfio_ccw/unbind", sch);
}

/* windows */

#define WINDOW "/sys/module/mdev_window/parameters/"

static const char *window_set(const char *path, const char *fmt, ...)
{
	char text[128];
	va_list ap;
	int ret;

	if (sh("load mdev_window"))
		return "mdev_window.ko does not load: the kernel has no CONFIG_KPROBES";
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ret = put(path, text);
	if (ret == -ENOENT)
		return "the kernel has no such function, or has it inline";
	return ret ? "the kernel can't probe that function" : NULL;
}

const char *window_pause(const char *symbol, const char *comm, unsigned int ms)
{
	return window_set(WINDOW "pause", "%s %s %u", symbol, comm, ms);
}

const char *window_instead(const char *symbol, const char *comm, int value)
{
	return window_set(WINDOW "instead", "%s %s %d", symbol, comm, value);
}

const char *window_store(const char *symbol, unsigned int arg, unsigned int offset, uint8_t value)
{
	return window_set(WINDOW "store", "%s %u %u %u", symbol, arg, offset, value);
}

bool window_hit(unsigned int timeout_ms)
{
	char text[16];

	for (unsigned int i = 0; i <= timeout_ms / 10; i++) {
		if (get(WINDOW "hits", text, sizeof(text)) > 0 && atoi(text))
			return true;
		ms(10);
	}
	return false;
}

void window_close(void)
{
	put(WINDOW "pause", "off");
	put(WINDOW "instead", "off");
	put(WINDOW "store", "off");
}

void thread_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

/* channel reports */

#define INJECT "/sys/kernel/debug/s390/cio/"

int crw_ready(void)
{
	if (!there(INJECT "crw_inject"))
		return -EOPNOTSUPP;
	return put(INJECT "enable_inject", "1");
}

int crw_inject(unsigned int rsc, unsigned int erc, unsigned int rsid)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "0 0 0 %x 0 %x %x", rsc, erc, rsid);
	/* fields: slct oflw chn rsc anc erc rsid. The file takes one report at a time. */
	do {
		ret = put(INJECT "crw_inject", text);
	} while (ret == -EBUSY && !usleep(50));
	return ret;
}

int chp_vary(bool on)
{
	return put("/sys/devices/css0/chp0.00/status", on ? "on" : "off");
}

int css_settle(unsigned int seconds)
{
	pid_t pid = put_elsewhere("/proc/cio_settle", "1");
	int ret = ended(pid, seconds * 1000);

	if (ret == -ETIMEDOUT)
		kill(pid, SIGKILL);
	return ret;
}
