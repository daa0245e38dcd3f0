// SPDX-License-Identifier: GPL-2.0-only
/* Allocations that fail on request, see mdev_lib.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mdev_lib.h"

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

/* The range from a module's first function to the end of the page with its last one */
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

/* The range of a function of the kernel, up to the next one */
static bool function_text(const char *name, unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[1024], kind, found[256];
	unsigned long addr;

	*start = 0;
	*end = 0;
	if (!f)
		return false;
	while (!*end && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %c %255s", &addr, &kind, found) != 3)
			continue;
		/* the kernel's own symbols are sorted, and a function may have several */
		if (!strcmp(found, name))
			*start = addr;
		else if (*start && addr > *start)
			*end = addr;
	}
	fclose(f);
	return *start && *end;
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
	/* a stack for each failure is for fuzz/fault-sites alone */
	file_puts(FAILSLAB "verbose", getenv("FAULT_STACKS") ? "2" : "0");
	file_puts(FAILPAGE "verbose", getenv("FAULT_STACKS") ? "2" : "0");
	file_puts("/sys/kernel/debug/fail_usercopy/verbose", "0");

	if (!file_exists(FAILSLAB "require-start"))
		return only || except ? "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER" : NULL;
	fault_range("require", 0, -1UL);
	fault_range("reject", 0, 0);
	if (only && (!module_text(only, &start, &end) || !fault_range("require", start, end)))
		return "the addresses of a module are not in /proc/kallsyms";
	if (except && (!module_text(except, &start, &end) || !fault_range("reject", start, end)))
		return "the addresses of a module are not in /proc/kallsyms";
	return NULL;
}

const char *fault_ready_below(const char *function)
{
	const char *why = fault_ready(NULL, NULL);
	unsigned long start, end;

	if (why)
		return why;
	if (!file_exists(FAILSLAB "require-start"))
		return "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER";
	if (!function_text(function, &start, &end) || !fault_range("require", start, end))
		return "the addresses of the function are not in /proc/kallsyms";
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

	/* fail_usercopy shares the counter and may fail these calls, but only once */
	while (pread(fail_fd, text, sizeof(text) - 1, 0) < 0)
		;
	while (pwrite(fail_fd, "0", 1, 0) < 0)
		;
	close(fail_fd);
	errno = error;
	return atoi(text) == 0;
}
