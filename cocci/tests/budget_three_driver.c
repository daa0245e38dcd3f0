// SPDX-License-Identifier: GPL-2.0-only
// also: budget_three.cocci context,org,report
// Three resources, counted under a lock; the core asks the driver for the smallest quotient.
#include <linux/mdev.h>
#include <linux/vfio.h>

#define TOY_QUEUES 64
#define TOY_BUFFERS 512
#define TOY_TIMERS 16

struct toy_kind {
	const char *name;
	struct mdev_type type;
	unsigned int nr_queues, nr_buffers, nr_timers;
};

struct toy_used {
	unsigned int queues;
	unsigned int buffers;
	unsigned int timers;
};

struct toy_hw {
	struct mutex lock;
	struct toy_used used;
	struct mdev_parent parent;
	struct mdev_type **types;
	unsigned int num_types;
	struct device *dev;
};

struct toy_port {
	struct toy_hw *hw;
	struct vfio_device vdev;
	unsigned int q, b, t;
};

#define gvt_err(...) pr_err(__VA_ARGS__)
struct toy_port *toy_alloc(struct mdev_device *mdev);

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
	gvt_err("no %s left\n", item);
	gvt_err("wanted %u of %u\n", want, max);
	return -ENOSPC;
}

static void toy_give(struct toy_port *port, struct toy_hw *hw)
{
	hw->used.queues -= port->q;
	hw->used.buffers -= port->b;
	hw->used.timers -= port->t;
	memset(port, 0, sizeof(*port));
}

static unsigned int toy_get_available(struct mdev_type *mtype)
{
	struct toy_kind *type = container_of(mtype, struct toy_kind, type);
	struct toy_hw *hw = dev_get_drvdata(mtype->parent->dev);
	unsigned int queues_avail, buffers_avail, timers_avail;

	mutex_lock(&hw->lock);
	queues_avail = TOY_QUEUES - hw->used.queues;
	buffers_avail = TOY_BUFFERS - hw->used.buffers;
	timers_avail = TOY_TIMERS - hw->used.timers;
	mutex_unlock(&hw->lock);

	return min3(queues_avail / type->nr_queues, buffers_avail / type->nr_buffers, timers_avail / type->nr_timers);
}

static int toy_mdev_probe(struct mdev_device *mdev)
{
	struct toy_port *port = toy_alloc(mdev);
	struct toy_kind *type = container_of(mdev->type, struct toy_kind, type);
	int ret;

	ret = toy_take(port, port->hw, type->nr_queues, type->nr_buffers, type->nr_timers);
	if (ret)
		return ret;
	return vfio_register_emulated_iommu_dev(&port->vdev);
}

static void toy_mdev_remove(struct mdev_device *mdev)
{
	struct toy_port *port = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&port->vdev);
	toy_give(port, port->hw);
}

static struct mdev_driver toy_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "toy",
	},
	.probe = toy_mdev_probe,
	.remove = toy_mdev_remove,
	.get_available = toy_get_available,
};

static int toy_start(struct toy_hw *hw)
{
	int ret;

	ret = mdev_register_parent(&hw->parent, hw->dev, &toy_driver, hw->types, hw->num_types);
	return ret;
}
