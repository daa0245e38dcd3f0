// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a window for a race: holds a task in a function of the kernel, or a kobject for a while
 *
 * A write of "SYMBOL COMM MS" to the parameter "pause" lets a task of the name COMM spin for MS
 * milliseconds each time that it enters the function SYMBOL. "SYMBOL COMM MS PID" also wakes the
 * task PID before: a wait may end early at any time, and its loop must look again. A write of "off"
 * ends it. The parameter "hits" counts. Both cores can be tested in this way, without a change.
 *
 * The module does not use the mdev core: the core can be unloaded while a kobject is held.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "mdev_window.h"

static char symbol[64], comm[TASK_COMM_LEN];
static unsigned int ms, hits;
static struct task_struct *wake;
module_param(hits, uint, 0444);

static DEFINE_MUTEX(probe_lock);	/* protects probe and what it uses */
static bool probing;

static int probe_entry(struct kprobe *p, struct pt_regs *regs)
{
	if (strncmp(current->comm, comm, sizeof(comm)))
		return 0;
	hits++;
	if (wake)
		wake_up_process(wake);
	mdelay(ms);
	return 0;
}
NOKPROBE_SYMBOL(probe_entry);

static struct kprobe probe;

static void probe_off(void)
{
	if (probing)
		unregister_kprobe(&probe);
	probing = false;
	if (wake)
		put_task_struct(wake);
	wake = NULL;
}

static int pause_set(const char *val, const struct kernel_param *kp)
{
	int n, ret = 0, pid = 0;

	mutex_lock(&probe_lock);
	probe_off();
	if (sysfs_streq(val, "off"))
		goto unlock;
	n = sscanf(val, "%63s %15s %u %d", symbol, comm, &ms, &pid);
	if (n < 3) {
		ret = -EINVAL;
		goto unlock;
	}
	if (pid) {
		/* pairs with put_task_struct() in probe_off() */
		wake = get_pid_task(find_vpid(pid), PIDTYPE_PID);
		if (!wake) {
			ret = -ESRCH;
			goto unlock;
		}
	}
	memset(&probe, 0, sizeof(probe));
	probe.symbol_name = symbol;
	probe.pre_handler = probe_entry;
	hits = 0;
	ret = register_kprobe(&probe);
	probing = !ret;
unlock:
	mutex_unlock(&probe_lock);
	return ret;
}

static const struct kernel_param_ops pause_ops = { .set = pause_set };
module_param_cb(pause, &pause_ops, NULL, 0200);

struct window_hold {
	struct delayed_work work;
	struct kobject *kobj;
};

static void window_put(struct work_struct *work)
{
	struct window_hold *hold = container_of(to_delayed_work(work), struct window_hold, work);

	/* pairs with kobject_get() in mdev_window_hold() */
	kobject_put(hold->kobj);
	kfree(hold);
	/* pairs with __module_get() in mdev_window_hold() */
	module_put(THIS_MODULE);
}

/**
 * mdev_window_hold() - hold a reference on a kobject for a while
 * @kobj: the kobject
 * @delay: milliseconds
 *
 * Return: 0, or -ENOMEM.
 */
int mdev_window_hold(struct kobject *kobj, unsigned int delay)
{
	struct window_hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL);

	if (!hold)
		return -ENOMEM;
	__module_get(THIS_MODULE);
	hold->kobj = kobject_get(kobj);
	INIT_DELAYED_WORK(&hold->work, window_put);
	schedule_delayed_work(&hold->work, msecs_to_jiffies(delay));
	return 0;
}
EXPORT_SYMBOL_GPL(mdev_window_hold);

static int __init mdev_window_init(void)
{
	return 0;
}

static void __exit mdev_window_exit(void)
{
	mutex_lock(&probe_lock);
	probe_off();
	mutex_unlock(&probe_lock);
}

module_init(mdev_window_init);
module_exit(mdev_window_exit);

MODULE_DESCRIPTION("Windows for the races of the mdev tests");
MODULE_LICENSE("GPL");
