/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An mdev core in user space, for generated drivers only. It counts what a driver creates and
 * removes, allocates and frees, locks and unlocks; where a driver sets .max_instances it admits
 * that many instances, as the core does.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long ssize_t;
typedef unsigned int gfp_t;
typedef _Bool bool;
#define true 1
#define false 0
#define __init
#define __exit
#define __maybe_unused __attribute__((unused))
#define GFP_KERNEL 0
#define THIS_MODULE ((struct module *)0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define IS_ENABLED(x) 1
#define CONFIG_TOY 1
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define max_t(t, a, b) max((t)(a), (t)(b))
#define container_of(p, t, m) ((t *)((char *)(p) - __builtin_offsetof(t, m)))
#define WARN_ON(x) ({ !!(x); })
#define WARN_ON_ONCE(x) ({ !!(x); })
#define BUG_ON(x) ((void)(x))
#define BUILD_BUG_ON(x) ((void)0)
#define lockdep_assert_held(x) ((void)(x))
#define pr_debug(...) ((void)0)
#define pr_warn(...) ((void)0)
#define pr_info(...) ((void)0)
#define dev_dbg(d, ...) ((void)(d))
#define dev_warn(d, ...) ((void)(d))
#define dev_info(d, ...) ((void)(d))
enum { EPERM = 1, EIO = 5, ENOMEM = 12, EBUSY = 16, ENODEV = 19, EINVAL = 22, ENOSPC = 28,
       EUSERS = 87 };
#define PAGE_SIZE 4096UL

/* what the runs share */
static int fails_at, allocations, live, held;

static inline void *kzalloc(size_t size, gfp_t flags)
{
	(void)flags;
	if (fails_at && ++allocations == fails_at)
		return NULL;
	live++;
	return calloc(1, size);
}
static inline void kfree(const void *p)
{
	live -= p != NULL;
	free((void *)p);
}

typedef struct { int counter; } atomic_t;
#define ATOMIC_INIT(n) { (n) }
static inline int atomic_read(const atomic_t *a) { return a->counter; }
static inline void atomic_set(atomic_t *a, int n) { a->counter = n; }
static inline void atomic_inc(atomic_t *a) { a->counter++; }
static inline void atomic_dec(atomic_t *a) { a->counter--; }
static inline void atomic_add(int n, atomic_t *a) { a->counter += n; }
static inline void atomic_sub(int n, atomic_t *a) { a->counter -= n; }
static inline int atomic_inc_return(atomic_t *a) { return ++a->counter; }
static inline int atomic_dec_return(atomic_t *a) { return --a->counter; }
static inline int atomic_add_return(int n, atomic_t *a) { return a->counter += n; }
static inline int atomic_fetch_inc(atomic_t *a) { return a->counter++; }
static inline int atomic_dec_and_test(atomic_t *a) { return !--a->counter; }
static inline int atomic_add_unless(atomic_t *a, int n, int not)
{
	if (a->counter == not)
		return 0;
	a->counter += n;
	return 1;
}
static inline int atomic_inc_not_zero(atomic_t *a) { return atomic_add_unless(a, 1, 0); }
static inline int atomic_dec_if_positive(atomic_t *a)
{
	return a->counter > 0 ? --a->counter : a->counter - 1;
}

struct mutex { int held; };
typedef struct { int held; } spinlock_t;
#define DEFINE_MUTEX(n) struct mutex n = { 0 }
#define DEFINE_SPINLOCK(n) spinlock_t n = { 0 }
#define TAKE(l) do { if ((l)->held++) abort(); held++; } while (0)
#define DROP(l) do { if (--(l)->held) abort(); held--; } while (0)
static inline void mutex_init(struct mutex *l) { l->held = 0; }
static inline void mutex_destroy(struct mutex *l) { (void)l; }
static inline void mutex_lock(struct mutex *l) { TAKE(l); }
static inline void mutex_unlock(struct mutex *l) { DROP(l); }
static inline void spin_lock_init(spinlock_t *l) { l->held = 0; }
static inline void spin_lock(spinlock_t *l) { TAKE(l); }
static inline void spin_unlock(spinlock_t *l) { DROP(l); }
#define spin_lock_irqsave(l, f) do { (f) = 1; TAKE(l); } while (0)
#define spin_unlock_irqrestore(l, f) do { (void)(f); DROP(l); } while (0)
static inline void drop_mutex(struct mutex **l) { DROP(*l); }
static inline struct mutex *take_mutex(struct mutex *l) { TAKE(l); return l; }
#define guard(kind) GUARD
#define GUARD(l) struct mutex *guarded __attribute__((cleanup(drop_mutex), unused)) = take_mutex(l)
#define scoped_guard(kind, l) \
	for (struct mutex *once __attribute__((cleanup(drop_mutex))) = take_mutex(l), \
	     *scope = once; scope; scope = NULL)
static inline void free_pointer(void *p) { kfree(*(void **)p); }
#define __free(f) __attribute__((cleanup(free_pointer)))
#define no_free_ptr(p) ({ __auto_type moved = (p); (p) = NULL; moved; })

struct module;
struct kobject { const char *name; };
struct attribute { const char *name; unsigned int mode; };
struct attribute_group { const char *name; struct attribute **attrs; };
struct device_driver { const char *name; struct module *owner; };
struct device { struct kobject kobj; struct device *parent; void *driver_data; };
static inline void *dev_get_drvdata(const struct device *d) { return d->driver_data; }
static inline void dev_set_drvdata(struct device *d, void *p) { d->driver_data = p; }

struct mdev_parent;
struct mdev_type { struct kobject kobj; struct mdev_parent *parent; };
struct mdev_device {
	struct device dev;
	struct mdev_type *type;
	struct device *parent;
	void *data;
};
struct mdev_type_attribute {
	struct attribute attr;
#ifdef TYPES
	ssize_t (*show)(struct mdev_type *type, struct mdev_type_attribute *attr, char *buf);
#else
	ssize_t (*show)(struct kobject *kobj, struct device *dev, char *buf);
#endif
	ssize_t (*store)(struct kobject *kobj, struct device *dev, const char *buf, size_t count);
};
#define __ATTR(n, m, s, t) { .attr = { .name = #n, .mode = m }, .show = s, .store = t }
#define __ATTR_RO(n) __ATTR(n, 0444, n##_show, NULL)
#define MDEV_TYPE_ATTR(n, m, s, t) \
	struct mdev_type_attribute mdev_type_attr_##n = __ATTR(n, m, s, t)
#define MDEV_TYPE_ATTR_RO(n) struct mdev_type_attribute mdev_type_attr_##n = __ATTR_RO(n)
#define S_IRUGO 0444
struct mdev_parent_ops {
	struct module *owner;
	const char *device_api;
	unsigned int max_instances;
	struct attribute_group **supported_type_groups;
#ifdef TYPES
	int (*create)(struct mdev_device *mdev);
#else
	int (*create)(struct kobject *kobj, struct mdev_device *mdev);
#endif
	int (*remove)(struct mdev_device *mdev);
};
struct mdev_driver {
	const char *device_api;
	unsigned int max_instances;
	int (*probe)(struct mdev_device *mdev);
	void (*remove)(struct mdev_device *mdev);
	unsigned int (*get_available)(struct mdev_type *mtype);
	ssize_t (*show_description)(struct mdev_type *mtype, char *buf);
	struct device_driver driver;
};
struct mdev_parent {
	struct device *dev;
	const struct mdev_parent_ops *ops;
	struct mdev_driver *driver;
	struct mdev_type *type;
	long instances;
	unsigned int nr_pools;
	/* of its pool */
	long total;
};

/* the parents that a run has, and the one in turn */
static struct mdev_parent parents[2];
static int turn;
#define registered parents[turn]
struct mdev_pool { const char *name; u64 total; };
static inline int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops)
{
	registered = (struct mdev_parent){ .dev = dev, .ops = ops };
	return 0;
}
static inline int mdev_register_parent(struct mdev_parent *parent, struct device *dev,
				       struct mdev_driver *driver, struct mdev_type **types,
				       unsigned int number)
{
	parent->dev = dev;
	parent->driver = driver;
	parent->type = types[0];
	types[0]->parent = parent;
	registered = *parent;
	return number ? 0 : -EINVAL;
}
static inline int mdev_register_device_pools(struct device *dev, const struct mdev_parent_ops *ops,
					     const struct mdev_pool *pools, unsigned int number)
{
	int ret = mdev_register_device(dev, ops);

	registered.nr_pools = number;
	registered.total = min(pools[0].total, (u64)LONG_MAX);
	return number == 1 ? ret : -EINVAL;
}
static inline int mdev_register_parent_pools(struct mdev_parent *parent, struct device *dev,
					     struct mdev_driver *driver, struct mdev_type **types,
					     unsigned int number, const struct mdev_pool *pools,
					     unsigned int nr_pools)
{
	int ret = mdev_register_parent(parent, dev, driver, types, number);

	registered.nr_pools = nr_pools;
	registered.total = min(pools[0].total, (u64)LONG_MAX);
	return nr_pools == 1 ? ret : -EINVAL;
}
static inline void mdev_unregister_device(struct device *dev) { (void)dev; }
static inline void mdev_unregister_parent(struct mdev_parent *parent) { (void)parent; }
static inline struct device *mdev_dev(struct mdev_device *m) { return &m->dev; }
static inline struct device *mdev_parent_dev(struct mdev_device *m) { return m->parent; }
static inline struct device *mtype_get_parent_dev(struct mdev_type *t) { return t->parent->dev; }
static inline void *mdev_get_drvdata(struct mdev_device *m) { return m->data; }
static inline void mdev_set_drvdata(struct mdev_device *m, void *p) { m->data = p; }

static inline int sysfs_emit(char *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buf, 4096, format, args);
	va_end(args);
	return n;
}
#define scnprintf snprintf

#define VFIO_DEVICE_API_PCI_STRING "vfio-pci"
#define VFIO_DEVICE_API_CCW_STRING "vfio-ccw"
#ifdef TYPES
#define KOBJ(type) (&fake_type)
#define DEVICE NULL
#define CREATE(type, m) create(m)
static struct mdev_type fake_type = { { "toy" }, parents };
#else
#define KOBJ(type) (type)
#define DEVICE registered.dev
#define CREATE(type, m) create(type, m)
#endif
#define MODULE_LICENSE(x) extern int unused_module
#define MODULE_PARM_DESC(n, x) extern int unused_module
#define module_param(n, t, m) extern int unused_module
#define module_param_named(a, n, t, m) extern int unused_module
#define subsys_initcall(f) extern int unused_module
#define module_init(f) static void *start_##f __attribute__((unused)) = (void *)(f)
#define module_pci_driver(d) static void *start_##d __attribute__((unused)) = &(d)
struct pci_dev { struct device dev; };
struct pci_device_id { int vendor; };
struct pci_driver {
	const char *name;
	int (*probe)(struct pci_dev *pdev, const struct pci_device_id *id);
};
