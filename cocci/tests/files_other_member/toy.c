// SPDX-License-Identifier: GPL-2.0-only
// The structure has an attribute, and a file that does not see it has a member of that name.
#include <linux/vfio.h>
#include "bus.h"
#include "toy.h"

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy_hw *hw = dev_get_drvdata(mdev_parent_dev(mdev));

	if (atomic_dec_if_positive(&hw->len) < 0)
		return -EPERM;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy_hw *hw = dev_get_drvdata(mdev_parent_dev(mdev));

	atomic_inc(&hw->len);
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct toy_hw *hw = dev_get_drvdata(dev);

	return sprintf(buf, "%d\n", atomic_read(&hw->len));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static struct attribute *toy_attrs[] = {
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

static const struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_probe(struct device *dev, struct toy_hw *hw)
{
	dev_set_drvdata(dev, hw);
	atomic_set(&hw->len, 1);
	return mdev_register_device(dev, &toy_ops);
}
