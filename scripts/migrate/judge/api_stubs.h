/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's interface that mdev drivers use most, for front_end.py only. A driver is
 * parsed with these declarations in place of the kernel's headers, so that no kernel tree is needed
 * and drivers of every interface from 4.10 on can be read. Nothing here is ever compiled.
 */
typedef unsigned char u8, __u8, uint8_t;
typedef unsigned short u16, __u16, uint16_t;
typedef unsigned int u32, __u32, uint, uint32_t;
typedef unsigned long long u64, __u64, uint64_t;
typedef signed char s8;
typedef short s16;
typedef int s32, __s32, pid_t, kuid_t;
typedef long long s64, loff_t, ktime_t;
typedef unsigned long size_t, ulong, uintptr_t, dma_addr_t, phys_addr_t, resource_size_t;
typedef long ssize_t;
typedef unsigned int gfp_t, fmode_t;
typedef unsigned short umode_t;
typedef _Bool bool;
typedef struct { unsigned char b[16]; } uuid_t, guid_t, uuid_le;

#define NULL ((void *)0)
#define true 1
#define false 0
#define __user
#define __iomem
#define __init
#define __exit
#define __rcu
#define __percpu
#define __force
#define __must_check
#define __maybe_unused __attribute__((unused))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define __cacheline_aligned
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define __randomize_layout
#define __designated_init
#define __ro_after_init
#define __read_mostly
#define __counted_by(x)
#define noinline
#define __cold
#define __always_unused __attribute__((unused))
#define THIS_MODULE ((struct module *)0)
#define GFP_KERNEL 1
#define GFP_ATOMIC 2
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x) (x)
#define unlikely(x) (x)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min3(a, b, c) min(min(a, b), c)
#define min_t(t, a, b) min((t)(a), (t)(b))
#define max_t(t, a, b) max((t)(a), (t)(b))
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define offsetof(t, m) __builtin_offsetof(t, m)
#define container_of(p, t, m) ((t *)((char *)(p) - __builtin_offsetof(t, m)))

enum { EPERM = 1, ENOENT = 2, EIO = 5, ENXIO = 6, EAGAIN = 11, ENOMEM = 12, EACCES = 13,
       EFAULT = 14, EBUSY = 16, EEXIST = 17, ENODEV = 19, EINVAL = 22, ENFILE = 23, EMFILE = 24,
       ENOTTY = 25, ENOSPC = 28, ERANGE = 34, EUSERS = 87, EOPNOTSUPP = 95 };

struct list_head { struct list_head *next, *prev; };
#define LIST_HEAD_INIT(n) { &(n), &(n) }
#define LIST_HEAD(n) struct list_head n = LIST_HEAD_INIT(n)
#define list_entry(p, t, m) container_of(p, t, m)
#define list_first_entry(h, t, m) list_entry((h)->next, t, m)
#define list_for_each(p, h) for (p = (h)->next; p != (h); p = p->next)
#define list_for_each_safe(p, n, h) for (p = (h)->next, n = p->next; p != (h); p = n)
#define list_for_each_entry(p, h, m) \
	for (p = list_entry((h)->next, typeof(*p), m); &p->m != (h); \
	     p = list_entry(p->m.next, typeof(*p), m))
#define list_for_each_entry_safe(p, n, h, m) \
	for (p = list_entry((h)->next, typeof(*p), m), n = p; &p->m != (h); p = n)
#define list_for_each_entry_rcu(p, h, m) list_for_each_entry(p, h, m)

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t, atomic_long_t;
typedef struct { int refs; } refcount_t;
struct kref { refcount_t refcount; };
#define ATOMIC_INIT(n) { (n) }
#define ATOMIC64_INIT(n) { (n) }
#define ATOMIC_LONG_INIT(n) { (n) }
#define REFCOUNT_INIT(n) { (n) }
struct mutex { int owner; };
typedef struct { int owner; } spinlock_t, rwlock_t, raw_spinlock_t;
struct rw_semaphore { int owner; };
struct completion { int done; };
/* each ends in a bracket: libclang gives no end for a declaration that ends in an argument */
#define DEFINE_MUTEX(n) struct mutex n = { 0 }
#define DEFINE_SPINLOCK(n) spinlock_t n = { 0 }
#define DECLARE_RWSEM(n) struct rw_semaphore n = { 0 }
#define DEFINE_IDA(n) struct ida n = { 0 }
#define DECLARE_BITMAP(n, bits) unsigned long n[((bits) + 63) / 64]
struct ida { int top; };
struct idr { int top; };

/* linux/cleanup.h */
void *guard_of();
#define guard(kind) guard_of
#define scoped_guard(kind, l) for (; (l) != 0;)
#define __free(f) __attribute__((unused))
#define __cleanup(f) __attribute__((unused))
#define no_free_ptr(p) (p)
#define return_ptr(p) return (p)

struct module { int state; };
struct kobject { const char *name; struct kobject *parent; };
struct attribute { const char *name; umode_t mode; };
struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *, struct attribute *, int);
	struct attribute **attrs;
};
struct device_driver { const char *name; const struct attribute_group **dev_groups; void *owner; };
struct device {
	struct kobject kobj;
	struct device *parent;
	struct device_driver *driver;
	void *driver_data;
	const struct attribute_group **groups;
	void (*release)(struct device *);
	struct bus_type *bus;
	const struct class *class;
};
struct device_attribute { struct attribute attr; void *show, *store; };
#define __ATTR(n, m, s, t) { .attr = { .name = #n, .mode = m }, .show = s, .store = t }
#define __ATTR_RO(n) { .attr = { .name = #n, .mode = 0444 }, .show = n##_show }
#define __ATTR_RW(n) __ATTR(n, 0644, n##_show, n##_store)
#define DEVICE_ATTR(n, m, s, t) struct device_attribute dev_attr_##n = __ATTR(n, m, s, t)
#define DEVICE_ATTR_RO(n) struct device_attribute dev_attr_##n = __ATTR_RO(n)
#define DEVICE_ATTR_RW(n) struct device_attribute dev_attr_##n = __ATTR_RW(n)
#define ATTRIBUTE_GROUPS(n) \
	static const struct attribute_group n##_group = { .attrs = n##_attrs }; \
	static const struct attribute_group *n##_groups[] = { &n##_group, NULL }

/* both interfaces at once: struct mdev_parent_ops of 4.10 to 5.19 and struct mdev_driver */
struct mdev_type_attribute { struct attribute attr; void *show, *store; };
#define MDEV_TYPE_ATTR(n, m, s, t) \
	struct mdev_type_attribute mdev_type_attr_##n = __ATTR(n, m, s, t)
#define MDEV_TYPE_ATTR_RO(n) struct mdev_type_attribute mdev_type_attr_##n = __ATTR_RO(n)
#define MDEV_TYPE_ATTR_RW(n) struct mdev_type_attribute mdev_type_attr_##n = __ATTR_RW(n)
struct mdev_parent { struct device *dev; struct mdev_driver *mdev_driver; struct kref ref; };
struct mdev_type {
	const char *sysfs_name, *pretty_name;
	struct kobject kobj, *devices_kobj;
	struct mdev_parent *parent;
};
struct mdev_device { struct device dev; uuid_t uuid; struct mdev_type *type; bool active; };
struct mdev_resource { const char *name; u64 total; };
struct mdev_pool {
	const char *name;
	u64 total;
	const void *costs;
	unsigned int cost_size;
	int cost_stride;
};
#define MDEV_TYPE_COST(s, t, m) .cost_size = sizeof(((s *)0)->m), \
	.cost_stride = (int)offsetof(s, m) - (int)offsetof(s, t)
#define MDEV_COSTS(t, m) .costs = &(t)[0].m, .cost_size = sizeof((t)[0].m), \
	.cost_stride = sizeof((t)[0])
#define MDEV_COST_ARRAY(a) .costs = &(a)[0], .cost_size = sizeof((a)[0]), \
	.cost_stride = sizeof((a)[0])
struct mdev_budget {
	const struct mdev_resource *resources;
	unsigned int nr_resources;
	u64 (*cost)(struct mdev_type *, unsigned int);
};
struct mdev_parent_ops {
	struct module *owner;
	struct mdev_driver *device_driver;
	const char *device_api;
	unsigned int max_instances;
	const struct mdev_budget *budget;
	const struct attribute_group **dev_attr_groups, **mdev_attr_groups;
	struct attribute_group **supported_type_groups;
	void *create, *remove, *open, *open_device, *release, *close_device;
	void *read, *write, *ioctl, *mmap, *request;
};
struct mdev_driver {
	const char *name, *device_api;
	unsigned int max_instances;
	void *probe, *remove, *types_attrs;
	struct attribute_group **supported_type_groups;
	unsigned int (*get_available)(struct mdev_type *);
	ssize_t (*show_description)(struct mdev_type *, char *);
	struct device_driver driver;
};
int mdev_register_device(), mdev_register_parent(), mdev_register_parent_budget();
int mdev_register_parent_pools(), mdev_register_device_pools();
void mdev_charge_get(struct mdev_device *), mdev_charge_put(struct mdev_device *);
int mdev_register_driver();
void mdev_unregister_device(), mdev_unregister_parent(), mdev_unregister_driver();
struct device *mdev_dev(struct mdev_device *);
struct device *mdev_parent_dev(struct mdev_device *);
struct mdev_device *mdev_from_dev(struct device *);
void *mdev_get_drvdata(struct mdev_device *);
void mdev_set_drvdata(struct mdev_device *, void *);
struct device *mtype_get_parent_dev(struct mdev_type *);
unsigned int mtype_get_type_group_id(struct mdev_type *);
unsigned int mdev_get_type_group_id(struct mdev_device *);
void *dev_get_drvdata(const struct device *);
void dev_set_drvdata(struct device *, void *);
const char *dev_driver_string(const struct device *);
const char *dev_name(const struct device *);
const char *kobject_name(const struct kobject *);

#define VFIO_DEVICE_API_PCI_STRING "vfio-pci"
#define VFIO_DEVICE_API_PLATFORM_STRING "vfio-platform"
#define VFIO_DEVICE_API_AMBA_STRING "vfio-amba"
#define VFIO_DEVICE_API_CCW_STRING "vfio-ccw"
#define VFIO_DEVICE_API_AP_STRING "vfio-ap"
struct vfio_device { struct device *dev; const void *ops; int open_count; void *kvm; };

void *kzalloc(size_t, gfp_t), *kmalloc(size_t, gfp_t), *kcalloc(size_t, size_t, gfp_t);
void *vzalloc(size_t), *vmalloc(size_t), *kmemdup(const void *, size_t, gfp_t);
void *devm_kzalloc(struct device *, size_t, gfp_t), *memset(void *, int, size_t);
void *ERR_PTR(long);
long PTR_ERR(const void *);
bool IS_ERR(const void *), IS_ERR_OR_NULL(const void *);

#define MODULE_LICENSE(x) extern int stub_module[1]
#define MODULE_AUTHOR(x) extern int stub_module[1]
#define MODULE_DESCRIPTION(x) extern int stub_module[1]
#define MODULE_VERSION(x) extern int stub_module[1]
#define MODULE_PARM_DESC(n, x) extern int stub_module[1]
#define module_init(f) void *stub_init_##f = (f)
#define module_exit(f) void *stub_exit_##f = (f)
#define module_param(n, t, m) void *stub_param_##n = (&n)
#define module_param_named(a, n, t, m) void *stub_param_##a = (&n)
#define EXPORT_SYMBOL(f) void *stub_export_##f = (f)
#define EXPORT_SYMBOL_GPL(f) void *stub_export_##f = (f)
