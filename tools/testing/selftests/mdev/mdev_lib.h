/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the mdev core share
 *
 * Functions that can fail return a negative errno unless said otherwise.
 */
#ifndef MDEV_LIB_H
#define MDEV_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MDEV_DEVICES	"/sys/bus/mdev/devices"
#define MDEV_CLASS	"/sys/class/mdev_bus"
#define TEST_BUS	"/sys/bus/mdev_test"
#define UUID_LEN	36
#define PATH_SIZE	512

/* files */

/* a path, good until the same thread has made 15 more */
const char *path_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int file_write(const char *path, const void *buf, size_t len);
int file_puts(const char *path, const char *text);
/* the number of bytes; buf gets a NUL after them */
ssize_t file_read(const char *path, char *buf, size_t size);
int file_mode(const char *path);
bool file_exists(const char *path);
/* the last part of what a link leads to */
int file_link(const char *path, char *buf, size_t size);
/* the names in a folder, sorted, a blank after each */
int dir_list(const char *path, char *buf, size_t size);
/* how many names */
int dir_count(const char *path);

/* cores */

enum core {
	CORE_NONE,
	CORE_OLD,	/* the tree's own, before 6.1: drivers count, drivers show */
	CORE_TREE,	/* the tree's own, 6.1 and later */
	CORE_OURS,
};

/* told from the symbols it exports: $MDEV_TEST_CORE (old, own, ours) if set, or a look at them */
enum core core_kind(void);
const char *core_name(void);

/* who counts the instances of mtty, mdpy and mbochs */
enum drivers {
	DRIVERS_OLD,		/* as 5.10 has them: each for itself, none with a lock */
	DRIVERS_NEW,		/* as 6.1 and later have them: the core for mdpy */
	DRIVERS_MIGRATED,	/* either, after scripts/migrate/migrate: the core for all three */
};

/* $MDEV_TEST_DRIVERS (old, new, migrated); those of the core's own tree if it is not set */
enum drivers drivers_kind(void);
/* the errno of a create without room; module: that of a sample, or NULL where the core counts */
int no_room(const char *module);

/* mdevs */

struct uuid {
	char s[UUID_LEN + 1];
};

/* no two are the same, in all processes of one boot */
struct uuid uuid_new(void);
void uuid_upper(struct uuid *u);
int mdev_create(const char *type, const char *uuid);
int mdev_remove(const char *uuid);
bool mdev_exists(const char *uuid);
int mdev_count(void);
/* the path of a file of an mdev, or of its folder; as path_of() */
const char *mdev_file(const char *uuid, const char *file);
/* removes what can be removed and says how many are left */
int mdev_remove_all(void);

/* as mdevctl reads it: trimmed, a signed 32-bit number; false if it would choke */
bool parse_as_mdevctl(const char *text, int *val);
/* as libvirt reads it: an unsigned number, at most a newline behind it */
bool parse_as_libvirt(const char *text, unsigned int *val);
/* available_instances; AVAILABLE_BAD if it cannot be read or parsed */
#define AVAILABLE_BAD (-1000000)
int mdev_available(const char *type);

/* the folder of a type of a parent; true if it is there */
bool type_path(const char *parent, const char *type, char *buf);

/* parents of mdev_test.ko */

bool test_parents(void);
bool test_budgets(void);
int parent_new(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int parent_new_budget(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int parent_del(const char *name);
int parent_set(const char *name, const char *knob, int val);
int parent_get(const char *name, const char *counter);
bool parent_type(const char *name, unsigned int nr, char *buf);
/* all test parents, all held references; 0 when nothing is left */
int parents_del_all(void);
int held_count(void);
int held_drop(void);

/* vfio */

struct vfio_user {
	int container, group, device;
};

int vfio_open_mdev(const char *uuid, struct vfio_user *user);
void vfio_close_mdev(struct vfio_user *user);

/* modules */

bool module_loaded(const char *name);
/* looked for in the folders of $MDEV_TEST_MODULES, else /modules/$column and /modules/common */
int module_load(const char *name);
/* with failures: /proc/self/fail-nth is set to nth just before the kernel reads the module */
int module_load_failing(const char *name, unsigned int nth, bool *fired);
int module_unload(const char *name);
/* the module, and no mdev of it: reloads it when one cannot be removed */
int sample_ready(const char *name);

/* uevents */

int uevent_open(void);
/* the next one for devpath with that text; 0, or -ETIMEDOUT */
int uevent_wait(int fd, const char *devpath_end, const char *text, int timeout_ms);

/* failing allocations */

/*
 * NULL, or why not. only: a module without which on the stack no allocation fails or counts;
 * except: one with which none does.
 */
const char *fault_ready(const char *only, const char *except);
/* between these two the calling thread's nth allocation fails; true if it came to that */
void fault_begin(unsigned int nth);
bool fault_end(void);

/* threads */

#define CROWD_MAX 64

/* runs fn(0..n-1, arg) in n threads that start together */
void crowd_run(unsigned int n, void (*fn)(unsigned int who, void *arg), void *arg);
/* the same threads again and again; before and after each round, while they wait, thread 0 alone */
void crowd_rounds(unsigned int n, unsigned int rounds,
		  void (*before)(unsigned int round, void *arg),
		  void (*fn)(unsigned int who, void *arg),
		  void (*after)(unsigned int round, void *arg), void *arg);
void msleep(unsigned int ms);
long long now_ms(void);

/* output and size */

/* a line of diagnostics that reaches the log whatever happens next */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* n times MDEV_TEST_SCALE percent, at least 1 */
unsigned int scaled(unsigned int n);

#endif /* MDEV_LIB_H */
