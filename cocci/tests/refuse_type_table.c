// SPDX-License-Identifier: GPL-2.0-only
// Each type has a counter of its own in a table.
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

static struct toy_type {
	const char *name;
	int left;
} toy_types[2] = { { "a" }, { "b" } };

static struct toy_type *toy_find(struct kobject *kobj)
{
	return strstr(kobject_name(kobj), "-a") ? &toy_types[0] : &toy_types[1];
}

void toy_set_type(struct toy *toy, struct toy_type *type);
struct toy_type *toy_get_type(struct toy *toy);

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	struct toy_type *type = toy_find(kobj);
	struct toy *toy;

	if (type->left <= 0)
		return -ENOSPC;
	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
	if (!toy)
		return -ENOMEM;
	mdev_set_drvdata(mdev, toy);
	toy_set_type(toy, type);
	type->left--;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	struct toy_type *type = toy_get_type(mdev_get_drvdata(mdev));

	kfree(mdev_get_drvdata(mdev));
	type->left++;
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	struct toy_type *type = toy_find(kobj);

	return sprintf(buf, "%d\n", type->left);
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
	toy_types[0].left = 4;
	return mdev_register_device(dev, &toy_ops);
}
