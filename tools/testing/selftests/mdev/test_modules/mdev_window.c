// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a window for a race: holds a task in a function of the kernel, or a kobject for a while, or
 * lets a function of the kernel fail
 *
 * A write of "SYMBOL COMM MS" to the parameter "pause" lets a task of the name COMM spin for MS
 * milliseconds each time that it enters the function SYMBOL. "SYMBOL COMM MS PID" also wakes the
 * task PID before: a wait may end early at any time, and its loop must look again. A write of "off"
 * ends it. The parameter "hits" counts. Both cores can be tested in this way, without a change.
 * "SYMBOL: COMM MS" holds the task when it leaves the function. On an emulated s390, a function
 * that begins with a compare and branch (cgij) goes astray when it has a probe: choose another one.
 *
 * A write of "SYMBOL COMM VALUE" to the parameter "instead" makes the function SYMBOL return VALUE
 * to a task of the name COMM, instead of doing anything (s390). Up to MAX_INSTEAD functions at a
 * time; "off" ends all of them. The parameter "skipped" counts the calls.
 *
 * A write of "SYMBOL ARG OFFSET VALUE" to the parameter "store" sets a byte each time that the
 * function SYMBOL has returned 0: at OFFSET in the object that its argument ARG (0, 1 ...) points
 * to. So an instruction of a machine that an emulator has in part tells what it would on the real
 * one (s390); "off" ends it.
 *
 * The COMM "*" stands for every task, and for interrupts.
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
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "mdev_window.h"

#define MAX_INSTEAD 4

static char symbol[64], comm[TASK_COMM_LEN];
static unsigned int ms, hits;
static struct task_struct *wake;
module_param(hits, uint, 0444);

static DEFINE_MUTEX(probe_lock);	/* protects all probes and what they use */
static bool probing;

static bool comm_matches(const char *name)
{
	return !strcmp(name, "*") || !strncmp(current->comm, name, TASK_COMM_LEN);
}
NOKPROBE_SYMBOL(comm_matches);

/*
 * Spin for so many milliseconds of the clock: on a busy host, udelay() of an emulated processor may
 * take a tenth of its time or a hundred times of it. Ends if the clock stands still.
 */
static void spin(void)
{
	u64 now = ktime_get_mono_fast_ns(), end = now + (u64)ms * NSEC_PER_MSEC, last;
	unsigned int still = 0;

	while (now < end && still < 100000) {
		udelay(5);
		last = now;
		now = ktime_get_mono_fast_ns();
		still = now == last ? still + 1 : 0;
	}
}
NOKPROBE_SYMBOL(spin);

static void hold(void)
{
	if (!comm_matches(comm))
		return;
	hits++;
	if (wake)
		wake_up_process(wake);
	spin();
}
NOKPROBE_SYMBOL(hold);

static int probe_entry(struct kprobe *p, struct pt_regs *regs)
{
	hold();
	return 0;
}
NOKPROBE_SYMBOL(probe_entry);

static int probe_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	hold();
	return 0;
}
NOKPROBE_SYMBOL(probe_return);

static struct kprobe probe;
static struct kretprobe retprobe;
static bool on_return;

static int probe_on(void)
{
	char *colon = strchr(symbol, ':');

	on_return = colon;
	if (colon) {
		*colon = '\0';
		memset(&retprobe, 0, sizeof(retprobe));
		retprobe.kp.symbol_name = symbol;
		retprobe.handler = probe_return;
		return register_kretprobe(&retprobe);
	}
	memset(&probe, 0, sizeof(probe));
	probe.symbol_name = symbol;
	probe.pre_handler = probe_entry;
	return register_kprobe(&probe);
}

static void probe_off(void)
{
	if (probing && on_return)
		unregister_kretprobe(&retprobe);
	else if (probing)
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
	hits = 0;
	ret = probe_on();
	probing = !ret;
unlock:
	mutex_unlock(&probe_lock);
	return ret;
}

static const struct kernel_param_ops pause_ops = { .set = pause_set };
module_param_cb(pause, &pause_ops, NULL, 0200);

static struct instead {
	struct kprobe probe;
	char symbol[64], comm[TASK_COMM_LEN];
	long value;
} instead[MAX_INSTEAD];
static unsigned int nr_instead, skipped;
module_param(skipped, uint, 0444);

/* Return to the caller: the probe is at the first instruction, so no register was saved yet. */
static bool return_at_once(struct pt_regs *regs, long value)
{
#ifdef CONFIG_S390
	regs->gprs[2] = value;
	instruction_pointer_set(regs, regs->gprs[14]);
	return true;
#else
	return false;
#endif
}
NOKPROBE_SYMBOL(return_at_once);

static int instead_entry(struct kprobe *p, struct pt_regs *regs)
{
	struct instead *i = container_of(p, struct instead, probe);

	if (!comm_matches(i->comm) || !return_at_once(regs, i->value))
		return 0;
	skipped++;
	/* the instruction below the probe is not executed */
	return 1;
}
NOKPROBE_SYMBOL(instead_entry);

static void instead_off(void)
{
	while (nr_instead)
		unregister_kprobe(&instead[--nr_instead].probe);
}

static int instead_set(const char *val, const struct kernel_param *kp)
{
	struct instead *i;
	int ret = 0;

	mutex_lock(&probe_lock);
	if (sysfs_streq(val, "off")) {
		instead_off();
		goto unlock;
	}
	ret = IS_ENABLED(CONFIG_S390) ? -ENOSPC : -EOPNOTSUPP;
	if (ret == -EOPNOTSUPP || nr_instead == MAX_INSTEAD)
		goto unlock;
	i = &instead[nr_instead];
	memset(i, 0, sizeof(*i));
	ret = -EINVAL;
	if (sscanf(val, "%63s %15s %ld", i->symbol, i->comm, &i->value) != 3)
		goto unlock;
	i->probe.symbol_name = i->symbol;
	i->probe.pre_handler = instead_entry;
	if (!nr_instead)
		skipped = 0;
	ret = register_kprobe(&i->probe);
	if (!ret)
		nr_instead++;
unlock:
	mutex_unlock(&probe_lock);
	return ret;
}

static const struct kernel_param_ops instead_ops = { .set = instead_set };
module_param_cb(instead, &instead_ops, NULL, 0200);

static char store_symbol[64];
static unsigned int store_arg, store_offset, store_value;
static bool storing;

static int store_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	u8 *object = NULL;

#ifdef CONFIG_S390
	object = (u8 *)regs->gprs[2 + store_arg];
#endif
	*(u8 **)ri->data = object;
	return 0;
}
NOKPROBE_SYMBOL(store_entry);

static int store_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	u8 *object = *(u8 **)ri->data;

	if (object && !regs_return_value(regs))
		object[store_offset] = store_value;
	return 0;
}
NOKPROBE_SYMBOL(store_return);

static struct kretprobe store_probe;

static void store_off(void)
{
	if (storing)
		unregister_kretprobe(&store_probe);
	storing = false;
}

static int store_set(const char *val, const struct kernel_param *kp)
{
	int ret = 0;

	mutex_lock(&probe_lock);
	store_off();
	if (sysfs_streq(val, "off"))
		goto unlock;
	ret = -EINVAL;
	if (sscanf(val, "%63s %u %u %u", store_symbol, &store_arg, &store_offset,
		   &store_value) != 4 || store_arg > 4)
		goto unlock;
	ret = -EOPNOTSUPP;
	if (!IS_ENABLED(CONFIG_S390))
		goto unlock;
	memset(&store_probe, 0, sizeof(store_probe));
	store_probe.kp.symbol_name = store_symbol;
	store_probe.entry_handler = store_entry;
	store_probe.handler = store_return;
	store_probe.data_size = sizeof(u8 *);
	ret = register_kretprobe(&store_probe);
	storing = !ret;
unlock:
	mutex_unlock(&probe_lock);
	return ret;
}

static const struct kernel_param_ops store_ops = { .set = store_set };
module_param_cb(store, &store_ops, NULL, 0200);

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
	instead_off();
	store_off();
	mutex_unlock(&probe_lock);
}

module_init(mdev_window_init);
module_exit(mdev_window_exit);

MODULE_DESCRIPTION("Windows for the races of the tests");
MODULE_LICENSE("GPL");
