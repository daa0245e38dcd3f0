// SPDX-License-Identifier: GPL-2.0-only
// 5.10: the amount that remove gives back comes from a function that is defined elsewhere.
#include <linux/mdev.h>
#include <linux/vfio.h>

#define TOY_SLOTS 16

struct toy {
	int id;
};

static const struct toy_type {
	const char *name;
	unsigned int slots;
} toy_types[] = {
	{
		.name = "toy-a",
		.slots = 1,
	},
};

static int toy_used;

unsigned int toy_slots_of(struct mdev_device *mdev);
int toy_start(struct mdev_device *mdev, const struct toy_type *type);
void toy_stop(struct mdev_device *mdev);

static const struct toy_type *toy_find(struct kobject *kobj)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(toy_types); i++)
		if (!strcmp(toy_types[i].name, kobj->name))
			return &toy_types[i];
	return NULL;
}

static int toy_create(struct kobject *kobj, struct mdev_device *mdev)
{
	const struct toy_type *type = toy_find(kobj);

	if (!type)
		return -EINVAL;
	if (toy_used + type->slots > TOY_SLOTS)
		return -ENOSPC;
	if (toy_start(mdev, type))
		return -EIO;
	toy_used += type->slots;
	return 0;
}

static int toy_remove(struct mdev_device *mdev)
{
	toy_used -= toy_slots_of(mdev);
	toy_stop(mdev);
	return 0;
}

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	const struct toy_type *type = toy_find(kobj);

	return sprintf(buf, "%d\n", (TOY_SLOTS - toy_used) / type->slots);
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
