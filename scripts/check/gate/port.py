# SPDX-License-Identifier: GPL-2.0-only
"""A small module as C text, which the host's compiler builds in a tenth of a second.

It has what the gate reads in a module: exports, .modinfo, parameters, attributes of sysfs and
uevents. The structures are declared as far as the gate needs them.
"""
HEADER = """
#ifndef API_H
#define API_H
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 __be32;
enum lane { LANE_UP, LANE_DOWN };
enum { BURST = 4, DEPTH = 8 };
typedef enum { FAST, SLOW } pace_t;
typedef struct { u32 low; u32 high; } pair_t;
union word { u64 whole; u32 half[2]; };
struct hidden;
struct sample {
	u64 at;
	unsigned int first;
	unsigned int second;
};
struct gate_ops {
	int (*open)(void *dev, enum lane lane);
	void (*close)(void *dev);
	u64 port_reserved1;
};
struct port {
	const struct gate_ops *ops;
	struct sample last;
	enum lane lane;
	unsigned int speed:3;
	unsigned int duplex:1;
	_Bool up;
	char name[16];
	struct hidden *hidden;
	union {
		u32 key;
		u8 bytes[4];
	};
	struct {
		u32 sent;
		u32 lost;
	} count;
	enum { COLD, WARM } heat;
	pace_t pace;
	pair_t span;
	union word word;
	u64 reserved1;
	u64 reserved2;
	u64 tail[];
};
int port_add(struct port *port);
struct sample *port_last(struct port *port);
u32 port_hash(const char *text, unsigned long length);
void port_log(const char *format, ...);
struct hidden *port_hidden(struct port *port);
extern int port_debug;
extern const char port_version[];
#endif
"""
PRIVATE = """
struct secret {
	int depth;
	u64 total;
};
struct hidden {
	struct secret *secret;
	long id;
};
"""
SOURCE = r"""
#include "api.h"
#include "private.h"
#define EXPORT_AS(s, section) asm(".section \"__ksymtab_strings\",\"aMS\",%progbits,1\n" \
	"__kstrtab_" #s ": .asciz \"" #s "\"\n__kstrtabns_" #s ": .asciz \"\"\n.previous\n" \
	".section \"___ksymtab" section "+" #s "\",\"a\"\n.balign 4\n__ksymtab_" #s ":\n" \
	".long " #s " - ., __kstrtab_" #s " - ., __kstrtabns_" #s " - .\n.previous\n");
#define EXPORT(s) EXPORT_AS(s, "")
#define EXPORT_GPL(s) EXPORT_AS(s, "_gpl")
#define INFO(n, text) static const char n[] __attribute__((used, section(".modinfo"))) = text;
INFO(info1, "license=GPL")
INFO(info2, "vermagic=6.12.1 SMP mod_unload ")
INFO(info3, "name=port")
INFO(info4, "alias=pci:v00001234d*")
INFO(info5, "softdep=pre: base")
INFO(info6, "parmtype=limit:int")
INFO(info7, "import_ns=BASE")

int port_debug;
EXPORT(port_debug)
const char port_version[] = "1";
EXPORT(port_version)
int port_add(struct port *port) { return port->ops->open(port, port->lane); }
EXPORT(port_add)
struct sample *port_last(struct port *port) { return &port->last; }
EXPORT(port_last)
u32 port_hash(const char *text, unsigned long length) { return text[length - 1]; }
EXPORT_GPL(port_hash)
void port_log(const char *format, ...) { port_debug += *format; }
EXPORT(port_log)
struct hidden *port_hidden(struct port *port)
{
	return port->hidden->secret->total ? port->hidden : 0;
}
EXPORT(port_hidden)

struct kobject;
struct attribute { const char *name; unsigned short mode; };
struct attribute_group {
	const char *name;
	unsigned short (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};
struct kobj_attribute {
	struct attribute attr;
	long (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *buf);
	long (*store)(struct kobject *kobj, struct kobj_attribute *attr, const char *buf, long n);
};
enum kobject_action { KOBJ_ADD, KOBJ_REMOVE, KOBJ_CHANGE };
extern int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp[]);
extern int kobject_uevent(struct kobject *kobj, enum kobject_action action);
extern int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group);
extern int sysfs_emit(char *buf, const char *format, ...);
static long speed_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", 3);
}
static long lanes_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", port_debug);
}
static struct kobj_attribute speed_attr = { { "speed", 0444 }, speed_show };
static struct kobj_attribute lanes_attr = { { "lanes", 0644 }, lanes_show };
static struct attribute *port_attrs[] = { &speed_attr.attr, &lanes_attr.attr, 0 };
static unsigned short port_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return n && port_debug ? 0444 : 0;
}
static const struct attribute_group port_group = {
	.is_visible = port_visible,
	.attrs = port_attrs,
};
int port_probe(struct kobject *kobj);
int port_probe(struct kobject *kobj)
{
	static char *envp[] = { "PORT_STATE=up", 0 };

	kobject_uevent_env(kobj, KOBJ_CHANGE, envp);
	return sysfs_create_group(kobj, &port_group);
}

struct kernel_param {
	const char *name;
	void *mod;
	const void *ops;
	unsigned short perm;
	signed char level;
	unsigned char flags;
	void *arg;
};
static int limit;
static const struct kernel_param limit_param
	__attribute__((used, section("__param"), aligned(8))) = {
	"limit", 0, 0, 0644, -1, 0, &limit,
};
"""
FILES = {"include/api.h": HEADER, "private.h": PRIVATE, "port.c": SOURCE,
         "deep/api.h": "struct inner {\n\tint a;\n\tint b;\n};\n",
         "other/other.h": "struct foreign { int a; };\n"}
