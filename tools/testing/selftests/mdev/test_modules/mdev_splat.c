// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev_splat: make the kernel report one fault, to prove that the search of
 * console logs finds it
 *
 * insmod mdev_splat.ko kind=KIND commits the fault in the module's init
 * function, which then fails with -ECANCELED, so the module is not kept. Load
 * it in a test VM only: it corrupts or crashes the kernel. The table of named
 * faults is modelled on drivers/misc/lkdtm.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "the fault to commit");

#define SPLAT_SIZE 64

/* Hides a value from the compiler, which could remove the fault otherwise. */
#define splat_hide(var) OPTIMIZER_HIDE_VAR(var)

static void splat_use_after_free(void)
{
	char *p = kmalloc(SPLAT_SIZE, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	splat_hide(p);
	pr_info("read %d from freed memory\n", READ_ONCE(p[1]));
}

static void splat_poison(void)
{
	struct kmem_cache *cache;
	char *p, *q;

	cache = kmem_cache_create("mdev_splat", SPLAT_SIZE, 0,
				  SLAB_POISON | SLAB_RED_ZONE, NULL);
	if (!cache)
		return;
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	if (p) {
		kmem_cache_free(cache, p);
		q = p;
		splat_hide(q);
		WRITE_ONCE(q[SPLAT_SIZE / 2], 1);
		/* The next allocation returns the same object and checks it. */
		p = kmem_cache_alloc(cache, GFP_KERNEL);
		if (p)
			kmem_cache_free(cache, p);
	}
	kmem_cache_destroy(cache);
}

static DEFINE_MUTEX(splat_a);
static DEFINE_MUTEX(splat_b);

static void splat_lock_order(void)
{
	mutex_lock(&splat_a);
	mutex_lock(&splat_b);
	mutex_unlock(&splat_b);
	mutex_unlock(&splat_a);

	mutex_lock(&splat_b);
	mutex_lock(&splat_a);
	mutex_unlock(&splat_a);
	mutex_unlock(&splat_b);
}

static int splat_value;
static int __rcu *splat_pointer = (int __rcu *)&splat_value;

static void splat_rcu(void)
{
	pr_info("read %d outside of any read section\n",
		*rcu_dereference(splat_pointer));
}

static void splat_warn(void)
{
	WARN(1, "mdev_splat warns\n");
}

static void splat_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void splat_leak(void)
{
	char *p;
	int i;

	/* Several: a stale pointer on a stack hides an object from kmemleak. */
	for (i = 0; i < 16; i++) {
		p = kmalloc(SPLAT_SIZE, GFP_KERNEL);
		splat_hide(p);
	}
}

static void splat_hung(void)
{
	/* longer than hung_task_timeout_secs, see splat.sh */
	schedule_timeout_uninterruptible(15 * HZ);
}

static DEFINE_SPINLOCK(splat_lock);

static void splat_sleep(void)
{
	spin_lock(&splat_lock);
	might_sleep();
	spin_unlock(&splat_lock);
}

static void splat_schedule(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
}

static void splat_list(void)
{
	struct list_head head, one, two;

	INIT_LIST_HEAD(&head);
	list_add(&one, &head);
	list_add(&two, &head);
	two.next = &two;
	list_del(&one);
}

static void splat_sysfs(void)
{
	struct kobject *one, *two;

	one = kobject_create_and_add("mdev_splat", kernel_kobj);
	two = kobject_create_and_add("mdev_splat", kernel_kobj);
	kobject_put(two);
	kobject_put(one);
}

static void splat_timeout(struct timer_list *unused)
{
}

static void splat_object(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, splat_timeout, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static void splat_stall(void)
{
	unsigned long end = jiffies + 12 * HZ;

	/* longer than rcupdate.rcu_cpu_stall_timeout, see splat.sh */
	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

static void splat_null(void)
{
	int *p = NULL;

	splat_hide(p);
	WRITE_ONCE(*p, 1);
}

/* An alias: checkpatch warns about BUG(), which is intended here. */
#define splat_crash BUG

static void splat_bug(void)
{
	splat_crash();
}

static const struct {
	const char *kind;
	void (*commit)(void);
} splats[] = {
	{ "use-after-free", splat_use_after_free },
	{ "poison", splat_poison },
	{ "lock-order", splat_lock_order },
	{ "rcu", splat_rcu },
	{ "warn", splat_warn },
	{ "refcount", splat_refcount },
	{ "leak", splat_leak },
	{ "hung", splat_hung },
	{ "sleep", splat_sleep },
	{ "schedule", splat_schedule },
	{ "list", splat_list },
	{ "sysfs", splat_sysfs },
	{ "object", splat_object },
	{ "stall", splat_stall },
	{ "null", splat_null },
	{ "bug", splat_bug },
};

static int __init mdev_splat_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(splats); i++) {
		if (strcmp(kind, splats[i].kind))
			continue;
		pr_info("committing %s\n", kind);
		splats[i].commit();
		return -ECANCELED;
	}
	pr_err("unknown kind '%s'\n", kind);
	return -EINVAL;
}
module_init(mdev_splat_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("One kernel report of each kind, on demand");
