// SPDX-License-Identifier: GPL-2.0-only
/* Cores, mdevs and test parents of the mdev tests, see mdev_lib.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mdev_lib.h"

/* cores */

/* Reading kallsyms takes seconds in a VM: run_mdev.sh does it once and sets MDEV_TEST_CORE. */
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
			kind = CORE_STOCK;
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
	const char *name = getenv("MDEV_TEST_CORE");

	for (int i = CORE_NONE; name && kind < 0 && i <= CORE_OURS; i++)
		if (!strcmp(name, core_names[i]))
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
	const char *name = getenv("MDEV_TEST_DRIVERS");

	for (int i = DRIVERS_OLD; name && *name && i <= DRIVERS_MIGRATED; i++)
		if (!strcmp(name, names[i]))
			return i;
	if (name && *name) {
		say("MDEV_TEST_DRIVERS is '%s'; set it to old, new or migrated", name);
		abort();
	}
	return core_kind() == CORE_OLD ? DRIVERS_OLD : DRIVERS_NEW;
}

int no_room(const char *module)
{
	static const struct {
		const char *module;
		int by[DRIVERS_MIGRATED];
	} samples[] = {
		/* the mtty of 5.10 has no limit; later ones return ENOSPC */
		{ "mtty", { [DRIVERS_OLD] = -ENOSPC, [DRIVERS_NEW] = -ENOSPC } },
		{ "mdpy", { [DRIVERS_OLD] = -ENOMEM, [DRIVERS_NEW] = -EUSERS } },
		{ "mbochs", { [DRIVERS_OLD] = -ENOMEM, [DRIVERS_NEW] = -ENOSPC } },
		{ "rust_mdev", { [DRIVERS_OLD] = -EUSERS, [DRIVERS_NEW] = -EUSERS } },
	};
	enum drivers kind = drivers_kind();
	size_t i;

	if (!module || kind == DRIVERS_MIGRATED)
		return -EUSERS;
	for (i = 0; strcmp(module, samples[i].module); i++)
		if (i + 1 == sizeof(samples) / sizeof(samples[0]))
			abort();
	return samples[i].by[kind];
}

/* mdevs */

struct uuid uuid_new(void)
{
	static unsigned int count;
	struct uuid u;

	/* the constant part has letters: uuid_upper() must make a difference */
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
		if (e->d_name[0] != '.')
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

bool types_show(char type[][PATH_SIZE], int a, int b, int c)
{
	int want[3] = { a, b, c }, i;
	bool ok = true;

	for (i = 0; i < 3; i++) {
		int seen = mdev_available(type[i]);

		if (seen != want[i]) {
			say("type %d shows %d instances, expected %d", i, seen, want[i]);
			ok = false;
		}
	}
	return ok;
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

int parent_new_pools(const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = parent_new_by(TEST_BUS "/new_pools_parent", fmt, ap);
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
