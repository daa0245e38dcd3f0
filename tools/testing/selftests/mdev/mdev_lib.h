/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Library of the mdev core's tests
 *
 * Functions that can fail return a negative errno unless said otherwise.
 */
#ifndef MDEV_LIB_H
#define MDEV_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "rounds.h"

#define MDEV_DEVICES	"/sys/bus/mdev/devices"
#define MDEV_CLASS	"/sys/class/mdev_bus"
#define TEST_BUS	"/sys/bus/mdev_test"
#define UUID_LEN	36
#define PATH_SIZE	512

/* mdev_lib_files.c: files, folders, diagnostics */

/* Formats a path. Valid until the same thread has formatted 15 more. */
const char *path_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int file_write(const char *path, const void *buf, size_t len);
int file_puts(const char *path, const char *text);
/* Returns the number of bytes read and terminates buf with a NUL. */
ssize_t file_read(const char *path, char *buf, size_t size);
int file_mode(const char *path);
bool file_exists(const char *path);
/* Copies the last component of a link's target. */
int file_link(const char *path, char *buf, size_t size);
/* Copies the sorted names in a folder, each followed by a blank. */
int dir_list(const char *path, char *buf, size_t size);
/* Returns the number of names in a folder. */
int dir_count(const char *path);

/* Prints a line of KTAP diagnostics, unbuffered: a crash right after it does not lose it. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* mdev_lib.c: cores */

enum core {
	CORE_NONE,
	CORE_OLD,	/* stock, before 6.1: drivers count instances, in attributes of their own */
	CORE_STOCK,	/* stock, 6.1 and later */
	CORE_OURS,	/* this project's */
};

/* The core that is loaded: $MDEV_TEST_CORE (old, own, ours), or by the symbols it exports */
enum core core_kind(void);
const char *core_name(void);

/* Which sample drivers these are, and so where instances of mtty, mdpy and mbochs are counted */
enum drivers {
	DRIVERS_OLD,		/* as in 5.10: each driver counts, none takes a lock */
	DRIVERS_NEW,		/* as in 6.1 and later: the core counts for mdpy */
	DRIVERS_MIGRATED,	/* after scripts/migrate/migrate: the core counts for all three */
};

/* $MDEV_TEST_DRIVERS (old, new, migrated); the samples of the core's tree if it is not set */
enum drivers drivers_kind(void);
/* The error of a create without a free instance; module: a sample, or NULL where the core counts */
int no_room(const char *module);

/* mdev_lib.c: mdevs */

struct uuid {
	char s[UUID_LEN + 1];
};

/* A UUID that is unique during one boot, across processes */
struct uuid uuid_new(void);
void uuid_upper(struct uuid *u);
int mdev_create(const char *type, const char *uuid);
int mdev_remove(const char *uuid);
bool mdev_exists(const char *uuid);
int mdev_count(void);
/* The path of an mdev's file, or of its folder if file is ""; lives as long as that of path_of() */
const char *mdev_file(const char *uuid, const char *file);
/* Removes all mdevs that can be removed; returns how many are left. */
int mdev_remove_all(void);

/* Parses as mdevctl does: trimmed, a signed 32-bit number; false for a text that it rejects. */
bool parse_as_mdevctl(const char *text, int *val);
/* Parses as libvirt does: an unsigned number, followed by at most a newline. */
bool parse_as_libvirt(const char *text, unsigned int *val);
/* Returns available_instances, or AVAILABLE_BAD if it cannot be read or parsed. */
#define AVAILABLE_BAD (-1000000)
int mdev_available(const char *type);
/* Whether available_instances of three types are a, b and c; says which one differs. */
bool types_show(char type[][PATH_SIZE], int a, int b, int c);

/* Copies the path of a parent's type; true if the folder exists. */
bool type_path(const char *parent, const char *type, char *buf);

/* mdev_lib.c: parents of mdev_test.ko */

bool test_parents(void);
bool test_budgets(void);
int parent_new(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int parent_new_budget(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int parent_new_pools(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int parent_del(const char *name);
int parent_set(const char *name, const char *knob, int val);
int parent_get(const char *name, const char *counter);
bool parent_type(const char *name, unsigned int nr, char *buf);
/* Removes all test parents and drops all held references; 0 when no parent is left. */
int parents_del_all(void);
int held_count(void);
int held_drop(void);

/* mdev_lib_system.c: open devices */

struct vfio_user {
	int container, group, device;
};

int vfio_open_mdev(const char *uuid, struct vfio_user *user);
void vfio_close_mdev(struct vfio_user *user);

/* the second way to open a device, by its file in /dev/vfio/devices */
struct cdev_user {
	int iommufd, device;
};

/* The path of an mdev's character device, or -ENOENT */
int cdev_path(const char *uuid, char *buf, size_t size);
int cdev_open(const char *uuid, struct cdev_user *user);
void cdev_close(struct cdev_user *user);

/* mdev_lib_system.c: modules */

bool module_loaded(const char *name);
/* Searches the folders of $MDEV_TEST_MODULES, by default /modules/$column and /modules/common. */
int module_load(const char *name);
/* Loads a module while its nth allocation fails; fired: whether there were so many. */
int module_load_failing(const char *name, unsigned int nth, bool *fired);
int module_unload(const char *name);
/* Unloads every module that uses the core, and the core. No parent of mdev_test.ko may be left. */
int core_unload(void);
/* Loads the core and the test modules that there are. */
int core_load(void);
/* Loads a sample and removes all mdevs; reloads it if an mdev cannot be removed. */
int sample_ready(const char *name);

/* mdev_lib_system.c: uevents */

int uevent_open(void);
/* Waits for a uevent with that line, for a device whose path ends so: 0 or -ETIMEDOUT. */
int uevent_wait(int fd, const char *devpath_end, const char *text, int timeout_ms);
/* Counts the uevents with that line, for a device whose path ends so, until none comes any more. */
int uevent_count(int fd, const char *devpath_end, const char *text, int quiet_ms);
/* Opens available_instances of a type and reads it, so that the next change can be waited for. */
int available_open(const char *type);
/* Waits for a change of the number: 0 or -ETIMEDOUT. Read it again before the next wait. */
int available_wait(int fd, int timeout_ms);

/* mdev_lib_fault.c: failing allocations */

/*
 * Prepares failslab; returns NULL, or why that is impossible. Allocations fail, and count, only
 * with the module "only" on the stack and without the module "except" there; NULL for any stack.
 */
const char *fault_ready(const char *only, const char *except);
/* The same for what a function of the kernel allocates, and the functions that it calls. */
const char *fault_ready_below(const char *function);
/* Lets the nth allocation of the calling thread fail, until fault_end(). */
void fault_begin(unsigned int nth);
/* True if there was an nth allocation. */
bool fault_end(void);

/* mdev_lib_system.c: the kernel's log */

/* Opens the log behind its last line. */
int log_open(void);
/* Counts the lines with that text, since log_open() or the last count. */
int log_count(int fd, const char *text);

/* mdev_lib_system.c: windows for races, by mdev_window.ko */

/*
 * Holds the task of the name comm for ms milliseconds in each call of a kernel function; wake: a
 * task that is woken first, or 0. Returns NULL, or why that is impossible.
 */
const char *window_open(const char *symbol, const char *comm, unsigned int ms, int wake);
void window_close(void);
/* how many calls the window held */
int window_hits(void);

/* mdev_lib_threads.c: threads, rounds, time */

/* Names the calling thread, for window_open(). */
void thread_name(const char *name);

#define CROWD_MAX 64

/* Runs fn(0..n-1, arg) in n threads that start together. */
void crowd_run(unsigned int n, void (*fn)(unsigned int who, void *arg), void *arg);
/*
 * Runs fn() like crowd_run(), once for each of the rounds, in the same threads. Thread 0 calls
 * before() and after() around each round while the others wait; both may be NULL.
 */
void crowd_rounds(unsigned int n, struct rounds *rounds,
		  void (*before)(unsigned int round, void *arg),
		  void (*fn)(unsigned int who, void *arg),
		  void (*after)(unsigned int round, void *arg), void *arg);
/* n times $MDEV_TEST_SCALE percent, at least 1 */
unsigned int scaled(unsigned int n);
/* scaled(n) rounds, within $MDEV_TEST_SECONDS seconds if that is set */
struct rounds rounds_scaled(unsigned int n);
void msleep(unsigned int ms);
long long now_ms(void);

#endif /* MDEV_LIB_H */
