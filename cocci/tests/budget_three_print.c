// SPDX-License-Identifier: GPL-2.0-only
// Three resources, and the messages behind the label are those of pr_err() and pr_info().
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

extern struct mdev_type_attribute mdev_type_attr_name;

#define TOY_QUEUES 64
#define TOY_BUFFERS 512
#define TOY_TIMERS 16

struct toy_kind {
	const char *name;
	unsigned int nr_queues, nr_buffers, nr_timers;
	unsigned int avail;
};

struct toy_used {
	unsigned int queues;
	unsigned int buffers;
	unsigned int timers;
};

struct toy_hw {
	struct mutex lock;
	struct toy_used used;
	struct toy_kind types[2];
	int num_types;
	struct device *dev;
};

struct toy_port {
	struct toy_hw *hw;
	struct vfio_device vdev;
	unsigned int q, b, t;
};

#define gvt_err(...) pr_err(__VA_ARGS__)
struct toy_kind *toy_find(struct toy_hw *hw, const char *name);

static int toy_take(struct toy_port *port, struct toy_hw *hw, unsigned int q, unsigned int b, unsigned int t)
{
	unsigned int max, taken, left, want;
	const char *item;

	item = "queues";
	max = TOY_QUEUES;
	taken = hw->used.queues;
	left = max - taken;
	want = q;
	if (want > left)
		goto no_room;
	port->q = want;

	item = "buffers";
	max = TOY_BUFFERS;
	taken = hw->used.buffers;
	left = max - taken;
	want = b;
	if (want > left)
		goto no_room;
	port->b = want;

	item = "timers";
	max = TOY_TIMERS;
	taken = hw->used.timers;
	left = max - taken;
	want = t;
	if (want > left)
		goto no_room;
	port->t = want;

	hw->used.queues += q;
	hw->used.buffers += b;
	hw->used.timers += t;
	return 0;

no_room:
	pr_err("no %s left\n", item);
	pr_info("wanted %u of %u\n", want, max);
	return -ENOSPC;
}

static void toy_give(struct toy_port *port, struct toy_hw *hw)
{
	hw->used.queues -= port->q;
	hw->used.buffers -= port->b;
	hw->used.timers -= port->t;
	memset(port, 0, sizeof(*port));
}

static void toy_update(struct toy_hw *hw)
{
	unsigned int queues_avail, buffers_avail, timers_avail;
	unsigned int queues_min, buffers_min, timers_min;
	int i;

	queues_avail = TOY_QUEUES - hw->used.queues;
	buffers_avail = TOY_BUFFERS - hw->used.buffers;
	timers_avail = TOY_TIMERS - hw->used.timers;

	for (i = 0; i < hw->num_types; i++) {
		queues_min = queues_avail / hw->types[i].nr_queues;
		buffers_min = buffers_avail / hw->types[i].nr_buffers;
		timers_min = timers_avail / hw->types[i].nr_timers;
		hw->types[i].avail = min(min(queues_min, buffers_min), timers_min);
	}
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct toy_hw *hw = dev_get_drvdata(dev);
	struct toy_kind *type = toy_find(hw, kobject_name(kobj));
	unsigned int num;

	if (!type)
		return -EINVAL;
	num = type->avail;
	return sprintf(buf, "%u\n", num);
}
static MDEV_TYPE_ATTR_RO(available_instances);

static struct attribute *toy_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group toy_small = {
	.name = "small",
	.attrs = toy_attrs,
};

static struct attribute_group toy_large = {
	.name = "large",
	.attrs = toy_attrs,
};

static struct attribute_group *toy_groups[] = {
	&toy_small,
	&toy_large,
	NULL,
};

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy_hw *hw = dev_get_drvdata(mdev_parent_dev(mdev));
	struct toy_kind *type = toy_find(hw, kobject_name(kobj));
	struct toy_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int ret;

	if (!port)
		return -ENOMEM;
	ret = toy_take(port, hw, type->nr_queues, type->nr_buffers, type->nr_timers);
	if (ret) {
		kfree(port);
		return ret;
	}
	port->hw = hw;
	mdev_set_drvdata(mdev, port);
	toy_update(hw);
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy_port *port = mdev_get_drvdata(mdev);

	toy_give(port, port->hw);
	toy_update(port->hw);
	kfree(port);
	return 0;
}

static struct mdev_parent_ops toy_ops = {
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

static int toy_host_init(struct device *dev, void *hw)
{
	return mdev_register_device(dev, &toy_ops);
}
