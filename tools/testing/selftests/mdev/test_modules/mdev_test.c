// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parent of mediated devices for tests
 *
 * The module uses only the mdev interface of Linux 6.1 and later: one binary, built with the stock
 * <linux/mdev.h>, runs on the stock core and on this project's. It does not use vfio: probe only
 * binds, and ten thousand instances need little memory.
 *
 * A write to /sys/bus/mdev_test/new_parent registers a parent. It consists of words:
 *	name=NAME	mandatory
 *	types=N		1 by default
 *	max=N		max_instances, 4 by default
 *	avail=N		the driver has get_available() and admits N instances
 *	desc=1		with show_description()
 *	pretty=0	without pretty_name
 *	api=TEXT	device_api, vfio-pci by default; "api=" for NULL
 *	bind=1		the driver can be bound and unbound through sysfs
 *	driver=NAME	shares the driver (and with it max, avail, desc, api) of that parent
 *	bad=WHAT	passes invalid arguments to the core, see register_bad()
 * A write of NAME to del_parent unregisters it and returns after its memory is freed. Writes to
 * both files run concurrently, except through the same open file.
 * devices/NAME/ has attributes of the parent that a test may change at any time.
 * held shows the number of references that "hold" took, a write to drop drops them all.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mdev_test.h"
#include "mdev_window.h"

#define POISON 0x6b

/* The words of a write to new_parent */
struct mdev_test_options {
	const char *name;
	const char *driver;
	const char *api;
	unsigned int types;
	unsigned int max;
	unsigned int avail;
	bool has_avail;
	bool desc;
	bool pretty;
	bool bind;
};

/* A reference that is held until a write to "drop" */
struct mdev_test_held {
	struct list_head node;
	struct mdev_device *mdev;
};

static LIST_HEAD(parents);
/* protects parents, the parents' ->leaving and the last put of a driver */
static DEFINE_MUTEX(parents_lock);

static LIST_HEAD(held);
static unsigned int nr_held;
static DEFINE_MUTEX(held_lock);		/* protects held and nr_held */

static struct device *root;

static void poison_and_free(void *p, size_t size)
{
	if (!p)
		return;
	memset(p, POISON, size);
	barrier_data(p);
	kfree(p);
}

/* The driver of the mdevs */

static struct mdev_test_parent *type_to_parent(struct mdev_type *mtype)
{
	return container_of(mtype->parent, struct mdev_test_parent, parent);
}

/**
 * mdev_test_hold() - hold an mdev until a write to "drop"
 * @mdev: the mdev; on success, the caller's reference on its device belongs to the list
 *
 * Return: 0, or -ENOMEM.
 */
int mdev_test_hold(struct mdev_device *mdev)
{
	struct mdev_test_held *h = kmalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->mdev = mdev;
	mutex_lock(&held_lock);
	list_add_tail(&h->node, &held);
	nr_held++;
	mutex_unlock(&held_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(mdev_test_hold);

static void drop_held(void)
{
	struct mdev_test_held *h, *next;
	LIST_HEAD(dropped);

	mutex_lock(&held_lock);
	list_splice_init(&held, &dropped);
	nr_held = 0;
	mutex_unlock(&held_lock);

	list_for_each_entry_safe(h, next, &dropped, node) {
		/* pairs with the get of the caller of mdev_test_hold() */
		put_device(mdev_dev(h->mdev));
		kfree(h);
	}
}

static int mdev_test_probe(struct mdev_device *mdev)
{
	struct mdev_test_parent *tp = type_to_parent(mdev->type);
	int delay = atomic_read(&tp->probe_delay);
	int err = atomic_read(&tp->probe_error);

	if (delay)
		msleep(delay);
	if (err)
		return -err;

	if (atomic_inc_return(&tp->used) > tp->capacity && tp->drv->mdev_driver.get_available) {
		err = -ENOSPC;
		goto undo_used;
	}
	if (atomic_read(&tp->hold)) {
		/* pairs with the put in drop_held() */
		get_device(mdev_dev(mdev));
		err = mdev_test_hold(mdev);
		if (err) {
			put_device(mdev_dev(mdev));
			goto undo_used;
		}
	}
	if (tp->probed) {
		err = tp->probed(mdev);
		if (err)
			goto undo_used;
	}
	atomic_inc(&tp->probes);
	return 0;

undo_used:
	atomic_dec(&tp->used);
	return err;
}

static void mdev_test_remove(struct mdev_device *mdev)
{
	struct mdev_test_parent *tp = type_to_parent(mdev->type);
	int delay = atomic_read(&tp->remove_delay);

	if (delay)
		msleep(delay);
	if (tp->removed)
		tp->removed(mdev);
	atomic_inc(&tp->removes);
	atomic_dec(&tp->used);
}

static unsigned int mdev_test_get_available(struct mdev_type *mtype)
{
	struct mdev_test_parent *tp = type_to_parent(mtype);
	int forced = atomic_read(&tp->forced_available);

	if (forced != -1)
		return forced;
	return tp->capacity - min(atomic_read(&tp->used), tp->capacity);
}

static ssize_t mdev_test_show_description(struct mdev_type *mtype, char *buf)
{
	return sysfs_emit(buf, "type %s of a test parent\n", mtype->sysfs_name);
}

static struct mdev_test_driver *driver_new(const struct mdev_test_options *opt)
{
	struct mdev_test_driver *drv = kzalloc(sizeof(*drv), GFP_KERNEL);
	int ret;

	if (!drv)
		return ERR_PTR(-ENOMEM);

	refcount_set(&drv->users, 1);
	snprintf(drv->name, sizeof(drv->name), "mdev_test_%s", opt->name);
	drv->mdev_driver.driver.name = drv->name;
	drv->mdev_driver.driver.owner = THIS_MODULE;
	drv->mdev_driver.driver.mod_name = KBUILD_MODNAME;
	drv->mdev_driver.driver.suppress_bind_attrs = !opt->bind;
	/* device_api outlives the words: use constants */
	if (!strcmp(opt->api, "vfio-pci"))
		drv->mdev_driver.device_api = "vfio-pci";
	else if (!strcmp(opt->api, "vfio-ccw"))
		drv->mdev_driver.device_api = "vfio-ccw";
	else if (!strcmp(opt->api, "vfio-ap"))
		drv->mdev_driver.device_api = "vfio-ap";
	drv->mdev_driver.max_instances = opt->max;
	drv->mdev_driver.probe = mdev_test_probe;
	drv->mdev_driver.remove = mdev_test_remove;
	if (opt->has_avail)
		drv->mdev_driver.get_available = mdev_test_get_available;
	if (opt->desc)
		drv->mdev_driver.show_description = mdev_test_show_description;

	ret = mdev_register_driver(&drv->mdev_driver);
	if (ret) {
		kfree(drv);
		return ERR_PTR(ret);
	}
	return drv;
}

static struct mdev_test_parent *find_parent(const char *name)
{
	struct mdev_test_parent *tp;

	lockdep_assert_held(&parents_lock);

	list_for_each_entry(tp, &parents, node) {
		if (!strcmp(dev_name(tp->dev), name))
			return tp;
	}
	return NULL;
}

static struct mdev_test_driver *driver_share(const char *name)
{
	struct mdev_test_driver *drv = ERR_PTR(-ENOENT);
	struct mdev_test_parent *tp;

	mutex_lock(&parents_lock);
	tp = find_parent(name);
	if (tp && !tp->leaving) {
		drv = tp->drv;
		/* pairs with driver_put() */
		refcount_inc(&drv->users);
	}
	mutex_unlock(&parents_lock);
	return drv;
}

static void driver_put(struct mdev_test_driver *drv)
{
	if (!refcount_dec_and_mutex_lock(&drv->users, &parents_lock))
		return;
	mutex_unlock(&parents_lock);
	mdev_unregister_driver(&drv->mdev_driver);
	poison_and_free(drv, sizeof(*drv));
}

/* The parents and their knobs */

/* An attribute that shows, and with a store function sets, an atomic_t of a parent */
struct mdev_test_attribute {
	struct device_attribute attr;
	size_t offset;
};

static atomic_t *attr_number(struct device *dev, struct device_attribute *attr)
{
	struct mdev_test_attribute *a = container_of(attr, struct mdev_test_attribute, attr);

	return dev_get_drvdata(dev) + a->offset;
}

static ssize_t number_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(attr_number(dev, attr)));
}

static ssize_t number_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	int val, ret = kstrtoint(buf, 0, &val);

	if (ret)
		return ret;
	atomic_set(attr_number(dev, attr), val);
	return count;
}

#define NUMBER(_name, _mode, _store)						\
static struct mdev_test_attribute attr_##_name = {				\
	.attr = {								\
		.attr = { .name = #_name, .mode = _mode },			\
		.show = number_show,						\
		.store = _store,						\
	},									\
	.offset = offsetof(struct mdev_test_parent, _name),			\
}

NUMBER(probe_error, 0644, number_store);
NUMBER(probe_delay, 0644, number_store);
NUMBER(remove_delay, 0644, number_store);
NUMBER(hold, 0644, number_store);
NUMBER(forced_available, 0644, number_store);
NUMBER(used, 0444, NULL);
NUMBER(probes, 0444, NULL);
NUMBER(removes, 0444, NULL);

static struct attribute *mdev_test_attrs[] = {
	&attr_probe_error.attr.attr,
	&attr_probe_delay.attr.attr,
	&attr_remove_delay.attr.attr,
	&attr_hold.attr.attr,
	&attr_forced_available.attr.attr,
	&attr_used.attr.attr,
	&attr_probes.attr.attr,
	&attr_removes.attr.attr,
	NULL
};

static const struct attribute_group mdev_test_group = {
	.attrs = mdev_test_attrs,
};

static const struct attribute_group *mdev_test_groups[] = {
	&mdev_test_group,
	NULL
};

static void parent_dev_release(struct device *dev)
{
	kfree(dev);
}

/* The device is an allocation of its own: a reference on it may outlive the parent. */
static struct device *parent_dev_new(const char *name, struct mdev_test_parent *tp)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);

	device_initialize(dev);
	dev->parent = root;
	dev->bus = &mdev_test_bus;
	dev->groups = mdev_test_groups;
	dev->release = parent_dev_release;
	dev_set_drvdata(dev, tp);
	ret = dev_set_name(dev, "%s", name);
	if (ret) {
		put_device(dev);
		return ERR_PTR(ret);
	}
	return dev;
}

static int parent_types_new(struct mdev_test_parent *tp, const struct mdev_test_options *opt)
{
	unsigned int i;

	tp->nr_types = opt->types;
	tp->types = kcalloc(opt->types, sizeof(*tp->types), GFP_KERNEL);
	tp->type_ptrs = kcalloc(opt->types, sizeof(*tp->type_ptrs), GFP_KERNEL);
	if (!tp->types || !tp->type_ptrs)
		return -ENOMEM;

	for (i = 0; i < opt->types; i++) {
		struct mdev_test_type *t = &tp->types[i];

		snprintf(t->name, sizeof(t->name), "t%u", i);
		snprintf(t->pretty, sizeof(t->pretty), "Test type %u", i);
		t->type.sysfs_name = t->name;
		t->type.pretty_name = opt->pretty ? t->pretty : NULL;
		tp->type_ptrs[i] = &t->type;
	}
	return 0;
}

static void parent_memory_free(struct mdev_test_parent *tp)
{
	poison_and_free(tp->type_ptrs, tp->nr_types * sizeof(*tp->type_ptrs));
	poison_and_free(tp->types, tp->nr_types * sizeof(*tp->types));
	poison_and_free(tp, sizeof(*tp));
}

static int options_parse(struct mdev_test_options *opt, char *words, char *rest, size_t size)
{
	char *word;

	while ((word = strsep(&words, "\n "))) {
		char *val = strchr(word, '=');
		int ret = 0;

		if (!*word)
			continue;
		if (!val)
			return -EINVAL;
		*val++ = 0;

		if (!strcmp(word, "name")) {
			opt->name = val;
		} else if (!strcmp(word, "driver")) {
			opt->driver = val;
		} else if (!strcmp(word, "api")) {
			opt->api = val;
		} else if (!strcmp(word, "types")) {
			ret = kstrtouint(val, 0, &opt->types);
		} else if (!strcmp(word, "max")) {
			ret = kstrtouint(val, 0, &opt->max);
		} else if (!strcmp(word, "avail")) {
			opt->has_avail = true;
			ret = kstrtouint(val, 0, &opt->avail);
		} else if (!strcmp(word, "desc")) {
			ret = kstrtobool(val, &opt->desc);
		} else if (!strcmp(word, "bind")) {
			ret = kstrtobool(val, &opt->bind);
		} else if (!strcmp(word, "pretty")) {
			ret = kstrtobool(val, &opt->pretty);
		} else {
			size_t len = strlen(rest);

			snprintf(rest + len, size - len, "%s=%s ", word, val);
		}
		if (ret)
			return ret;
	}
	if (!opt->name || !*opt->name || !opt->types || opt->types > MDEV_TEST_MAX_TYPES)
		return -EINVAL;
	return 0;
}

static int parent_publish(struct mdev_test_parent *tp)
{
	int ret = 0;

	mutex_lock(&parents_lock);
	if (find_parent(dev_name(tp->dev)))
		ret = -EEXIST;
	else
		list_add_tail(&tp->node, &parents);
	mutex_unlock(&parents_lock);
	return ret;
}

static void parent_unpublish(struct mdev_test_parent *tp)
{
	mutex_lock(&parents_lock);
	list_del(&tp->node);
	mutex_unlock(&parents_lock);
}

/* Register a second parent that shares the device, the memory or the types of a registered one. */
static int register_second(struct mdev_test_parent *tp, const char *shared)
{
	bool same_dev = !strcmp(shared, "same_device");
	struct device *dev = same_dev ? get_device(tp->dev) : parent_dev_new("second", NULL);
	struct mdev_parent *own = kzalloc(sizeof(*own), GFP_KERNEL);
	struct mdev_parent *parent = strcmp(shared, "same_memory") ? own : &tp->parent;
	struct mdev_test_type type = { .name = "other" };
	struct mdev_type *types[] = { &type.type };
	int ret = -ENOMEM;

	if (!own || IS_ERR(dev))
		goto free;
	type.type.sysfs_name = type.name;
	ret = same_dev ? 0 : device_add(dev);
	if (ret)
		goto free;
	ret = mdev_register_parent(parent, dev, &tp->drv->mdev_driver,
				   strcmp(shared, "shared_type") ? types : tp->type_ptrs, 1);
	if (!ret)
		mdev_unregister_parent(parent);
	if (!same_dev)
		device_del(dev);
free:
	if (!IS_ERR(dev))
		put_device(dev);
	kfree(own);
	return ret;
}

/*
 * A registration that must fail. WHAT is the argument that is wrong; again, same_device,
 * same_memory and shared_type are second registrations after one that succeeds and stays. For
 * these the return value is that of the second one, with 0 for -EEXIST and -EPROTO for 0.
 */
static int register_bad(struct mdev_test_parent *tp, const char *what)
{
	struct mdev_driver unknown = { .device_api = "vfio-pci" };
	struct mdev_parent *parent = &tp->parent;
	struct device *dev = tp->dev;
	struct mdev_driver *drv = &tp->drv->mdev_driver;
	struct mdev_type **types = tp->type_ptrs;
	unsigned int nr_types = tp->nr_types;
	struct mdev_type *last = types[nr_types - 1];
	int ret;

	if (!strcmp(what, "parent"))
		parent = NULL;
	else if (!strcmp(what, "device"))
		dev = NULL;
	else if (!strcmp(what, "driver"))
		drv = NULL;
	else if (!strcmp(what, "unknown_driver"))
		drv = &unknown;
	else if (!strcmp(what, "types"))
		types = NULL;
	else if (!strcmp(what, "no_types"))
		nr_types = 0;
	else if (!strcmp(what, "type"))
		types[nr_types - 1] = NULL;
	else if (!strcmp(what, "no_name"))
		last->sysfs_name = NULL;
	else if (!strcmp(what, "twins"))
		last->sysfs_name = types[0]->sysfs_name;

	ret = mdev_register_parent(parent, dev, drv, types, nr_types);
	if (ret)
		return ret;
	if (!strcmp(what, "again"))
		ret = mdev_register_parent(parent, dev, drv, types, nr_types);
	else
		ret = register_second(tp, what);
	return ret == -EEXIST ? 0 : ret ? ret : -EPROTO;
}

static int register_plain(struct mdev_test_parent *tp, char *words)
{
	if (strstarts(words, "bad="))
		return register_bad(tp, strim(words + strlen("bad=")));
	if (*words)
		return -EINVAL;
	return mdev_register_parent(&tp->parent, tp->dev, &tp->drv->mdev_driver, tp->type_ptrs,
				    tp->nr_types);
}

/*
 * The list keeps the name in use until parent_unpublish(). @leaving keeps parent_remove_named()
 * away until the parent is complete.
 */
static int parent_add(const struct mdev_test_options *opt, mdev_test_register_fn reg, char *rest)
{
	struct mdev_test_parent *tp = kzalloc(sizeof(*tp), GFP_KERNEL);
	int ret;

	if (!tp)
		return -ENOMEM;

	tp->leaving = true;
	tp->capacity = opt->avail;
	atomic_set(&tp->forced_available, -1);
	ret = parent_types_new(tp, opt);
	if (ret)
		goto free_memory;

	tp->dev = parent_dev_new(opt->name, tp);
	if (IS_ERR(tp->dev)) {
		ret = PTR_ERR(tp->dev);
		goto free_memory;
	}

	ret = parent_publish(tp);
	if (ret)
		goto put_dev;

	tp->drv = opt->driver ? driver_share(opt->driver) : driver_new(opt);
	if (IS_ERR(tp->drv)) {
		ret = PTR_ERR(tp->drv);
		goto unpublish;
	}

	ret = device_add(tp->dev);
	if (ret)
		goto put_driver;

	ret = reg(tp, rest);
	if (ret)
		goto del_dev;

	mutex_lock(&parents_lock);
	tp->leaving = false;
	mutex_unlock(&parents_lock);
	return 0;

del_dev:
	device_del(tp->dev);
put_driver:
	driver_put(tp->drv);
unpublish:
	parent_unpublish(tp);
put_dev:
	put_device(tp->dev);
free_memory:
	parent_memory_free(tp);
	return ret;
}

/**
 * mdev_test_new_parent() - register a parent
 * @words: its options, see the head of mdev_test.c
 * @reg: registers it with the core and parses further words
 *
 * Return: 0, or the error of the step that failed; the earlier steps are undone.
 */
int mdev_test_new_parent(const char *words, mdev_test_register_fn reg)
{
	struct mdev_test_options opt = { .types = 1, .max = 4, .pretty = true, .api = "vfio-pci" };
	char *copy = kstrdup(words, GFP_KERNEL);
	char *rest = kzalloc(PAGE_SIZE, GFP_KERNEL);
	int ret = -ENOMEM;

	if (copy && rest)
		ret = options_parse(&opt, copy, rest, PAGE_SIZE);
	if (!ret)
		ret = parent_add(&opt, reg, rest);
	kfree(rest);
	kfree(copy);
	return ret;
}
EXPORT_SYMBOL_GPL(mdev_test_new_parent);

static void parent_remove(struct mdev_test_parent *tp)
{
	mdev_unregister_parent(&tp->parent);
	device_del(tp->dev);
	driver_put(tp->drv);
	parent_unpublish(tp);
	put_device(tp->dev);
	parent_memory_free(tp);
}

static int parent_remove_named(const char *name)
{
	struct mdev_test_parent *tp;
	int ret = 0;

	mutex_lock(&parents_lock);
	tp = find_parent(name);
	if (!tp)
		ret = -ENOENT;
	else if (tp->leaving)
		ret = -EBUSY;
	else
		tp->leaving = true;
	mutex_unlock(&parents_lock);

	if (!ret)
		parent_remove(tp);
	return ret;
}

/* The bus */

static ssize_t new_parent_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	int ret = mdev_test_new_parent(buf, register_plain);

	return ret ? ret : count;
}
static BUS_ATTR_WO(new_parent);

static ssize_t del_parent_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	char *copy = kstrdup(buf, GFP_KERNEL);
	int ret;

	if (!copy)
		return -ENOMEM;
	ret = parent_remove_named(strim(copy));
	kfree(copy);
	return ret ? ret : count;
}
static BUS_ATTR_WO(del_parent);

static ssize_t held_show(mdev_test_bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(nr_held));
}
static BUS_ATTR_RO(held);

/* NAME MS: hold the kset of a parent, and its first mdev, until after the core may be unloaded */
static ssize_t window_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	int (*hold)(struct kobject *kobj, unsigned int ms);
	struct mdev_test_parent *tp;
	struct device *child;
	char name[32];
	unsigned int ms;
	int ret = -ENOENT;

	if (sscanf(buf, "%31s %u", name, &ms) != 2)
		return -EINVAL;
	hold = symbol_get(mdev_window_hold);
	if (!hold)
		return -EOPNOTSUPP;
	mutex_lock(&parents_lock);
	tp = find_parent(name);
	if (tp) {
		ret = hold(&tp->parent.mdev_types_kset->kobj, ms);
		child = device_find_any_child(tp->dev);
		if (child && !ret)
			ret = hold(&child->kobj, ms);
		put_device(child);
	}
	mutex_unlock(&parents_lock);
	symbol_put(mdev_window_hold);
	return ret ? ret : count;
}
static BUS_ATTR_WO(window);

static ssize_t drop_store(mdev_test_bus_type *bus, const char *buf, size_t count)
{
	drop_held();
	return count;
}
static BUS_ATTR_WO(drop);

static struct attribute *bus_attrs[] = {
	&bus_attr_new_parent.attr,
	&bus_attr_del_parent.attr,
	&bus_attr_held.attr,
	&bus_attr_drop.attr,
	&bus_attr_window.attr,
	NULL
};

static const struct attribute_group bus_group = {
	.attrs = bus_attrs,
};

static const struct attribute_group *bus_groups[] = {
	&bus_group,
	NULL
};

mdev_test_bus_type mdev_test_bus = {
	.name = "mdev_test",
	.bus_groups = bus_groups,
};
EXPORT_SYMBOL_GPL(mdev_test_bus);

static int __init mdev_test_init(void)
{
	int ret;

	root = root_device_register("mdev_test");
	if (IS_ERR(root))
		return PTR_ERR(root);
	ret = bus_register(&mdev_test_bus);
	if (ret)
		root_device_unregister(root);
	return ret;
}

static void __exit mdev_test_exit(void)
{
	struct mdev_test_parent *tp, *next;

	/* waits for running writes: the list has no other user from here on */
	bus_remove_file(&mdev_test_bus, &bus_attr_new_parent);
	bus_remove_file(&mdev_test_bus, &bus_attr_del_parent);

	list_for_each_entry_safe(tp, next, &parents, node)
		parent_remove(tp);
	drop_held();
	bus_unregister(&mdev_test_bus);
	root_device_unregister(root);
}

module_init(mdev_test_init);
module_exit(mdev_test_exit);

MODULE_DESCRIPTION("A parent of mediated devices for tests");
MODULE_LICENSE("GPL");
