// SPDX-License-Identifier: GPL-2.0-only
// ATOMIC_INIT() in the initializer of a structure.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

#define TOY_LIMIT 4
struct toy_state {
	atomic_t left;
	spinlock_t lock;
	int generation;
};
static struct toy_state toy_state = { .left = ATOMIC_INIT(TOY_LIMIT) };

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%d\n", atomic_read(&toy_state.left));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static struct attribute *toy_attrs[] = {
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	NULL,
};

static struct attribute_group toy_group = {
	.name = "a",
	.attrs = toy_attrs,
};

static struct attribute_group *toy_groups[] = {
	&toy_group,
	NULL,
};

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy *toy;

	spin_lock(&toy_state.lock);
	if (atomic_dec_if_positive(&toy_state.left) < 0) {
		spin_unlock(&toy_state.lock);
		return -ENOSPC;
	}
	spin_unlock(&toy_state.lock);
	toy_state.generation++;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy) {
		spin_lock(&toy_state.lock);
		atomic_inc(&toy_state.left);
		spin_unlock(&toy_state.lock);
		return -ENOMEM;
	}
	mdev_set_drvdata(mdev, toy);
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy *toy = mdev_get_drvdata(mdev);

	kfree(toy);
	spin_lock(&toy_state.lock);
	atomic_inc(&toy_state.left);
	spin_unlock(&toy_state.lock);
	return 0;
}

static const struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_start(struct device *dev)
{
	spin_lock_init(&toy_state.lock);
	return mdev_register_device(dev, &toy_ops);
}
