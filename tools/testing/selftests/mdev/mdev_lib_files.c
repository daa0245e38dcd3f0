// SPDX-License-Identifier: GPL-2.0-only
/* Files, folders and diagnostics of the mdev tests, see mdev_lib.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mdev_lib.h"

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
