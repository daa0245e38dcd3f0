// SPDX-License-Identifier: GPL-2.0-only
// A bitmap that hands out numbers.
#include <linux/mdev.h>
#include <linux/vfio.h>

#define TOY_MAX 8

struct toy {
	int id;
};

static DECLARE_BITMAP(toy_map, TOY_MAX);

int toy_id(struct mdev_device *mdev);
int toy_start(struct mdev_device *mdev, int id);

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	int id = find_first_zero_bit(toy_map, TOY_MAX);

	if (id >= TOY_MAX)
		return -ENOSPC;
	set_bit(id, toy_map);
	return toy_start(mdev, id);
}

static int toy_remove(struct mdev_device *mdev)
{
	clear_bit(toy_id(mdev), toy_map);
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%d\n", TOY_MAX - bitmap_weight(toy_map, TOY_MAX));
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

static const struct mdev_parent_ops toy_ops = {
	.owner = THIS_MODULE,
	.supported_type_groups = toy_groups,
	.create = toy_create,
	.remove = toy_remove,
};

int toy_probe(struct device *dev)
{
	return mdev_register_device(dev, &toy_ops);
}
