// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of the interface before 6.1, mdev_register_device(), in different forms
 *
 * api, max, budget: which members of struct mdev_parent_ops it sets
 * pools: it uses mdev_register_device_pools(); without max, budget and pools, the
 * core admits any number of mdevs. own: whether the driver has attributes device_api and
 * available_instances. fail: the errno of the next create. The form of the driver follows
 * samples/vfio-mdev of 5.10.
 */
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>

static bool api;
module_param(api, bool, 0444);
static unsigned int max;
module_param(max, uint, 0444);
static bool budget;
module_param(budget, bool, 0444);
static bool pools;
module_param(pools, bool, 0444);
static bool own = true;
module_param(own, bool, 0444);
static int fail;
module_param(fail, int, 0644);

static atomic_t alive = ATOMIC_INIT(0);

static ssize_t name_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s of %s\n", kobject_name(kobj), dev_name(dev));
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t device_api_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "own-api\n");
}
static MDEV_TYPE_ATTR_RO(device_api);

static ssize_t available_instances_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%d\n", 100 - atomic_read(&alive));
}
static MDEV_TYPE_ATTR_RO(available_instances);

static char note[16] = "none";

static ssize_t note_show(struct kobject *kobj, struct device *dev, char *buf)
{
	return sprintf(buf, "%s\n", note);
}

static ssize_t note_store(struct kobject *kobj, struct device *dev, const char *buf, size_t count)
{
	strscpy(note, buf, min(count + 1, sizeof(note)));
	strim(note);
	return count;
}
static MDEV_TYPE_ATTR_RW(note);

static struct attribute *own_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_note.attr,
	&mdev_type_attr_device_api.attr,
	&mdev_type_attr_available_instances.attr,
	NULL
};

static struct attribute *few_attrs[] = {
	&mdev_type_attr_name.attr,
	&mdev_type_attr_note.attr,
	NULL
};

static struct attribute_group small = { .name = "small" };
static struct attribute_group large = { .name = "large" };
static struct attribute_group *groups[] = { &small, &large, NULL };

static ssize_t serial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	int *serial = mdev_get_drvdata(mdev_from_dev(dev));

	return sprintf(buf, "%d %u\n", *serial, mdev_get_type_group_id(mdev_from_dev(dev)));
}
static DEVICE_ATTR_RO(serial);

static struct attribute *mdev_attrs[] = {
	&dev_attr_serial.attr,
	NULL
};
ATTRIBUTE_GROUPS(mdev);

static int test_create(struct kobject *kobj, struct mdev_device *mdev)
{
	static atomic_t serials;
	int *serial;

	if (fail) {
		int ret = -fail;

		fail = 0;
		return ret;
	}
	serial = kmalloc(sizeof(*serial), GFP_KERNEL);
	if (!serial)
		return -ENOMEM;
	*serial = atomic_inc_return(&serials);
	mdev_set_drvdata(mdev, serial);
	atomic_inc(&alive);
	return 0;
}

static int test_remove(struct mdev_device *mdev)
{
	kfree(mdev_get_drvdata(mdev));
	atomic_dec(&alive);
	return 0;
}

static int test_open(struct mdev_device *mdev)
{
	return 0;
}

static u64 test_cost(struct mdev_type *mtype, unsigned int resource)
{
	/* small: 1, large: 3 */
	return mtype_get_type_group_id(mtype) ? 3 : 1;
}

static const struct mdev_resource test_resources[] = { { .name = "units", .total = 7 } };

static const struct mdev_budget test_budget = {
	.resources = test_resources,
	.nr_resources = ARRAY_SIZE(test_resources),
	.cost = test_cost,
};

static const unsigned int test_costs[] = { 1, 3 };

static const struct mdev_pool test_pools[] = {
	{ .name = "units", .total = 7, MDEV_COST_ARRAY(test_costs) },
};

static struct mdev_parent_ops ops = {
	.owner = THIS_MODULE,
	.mdev_attr_groups = mdev_groups,
	.supported_type_groups = groups,
	.create = test_create,
	.remove = test_remove,
	.open = test_open,
};

static struct device *parents[2];

static int test_register(struct device *dev)
{
	if (pools)
		return mdev_register_device_pools(dev, &ops, test_pools, ARRAY_SIZE(test_pools));
	return mdev_register_device(dev, &ops);
}

static int __init test_init(void)
{
	unsigned int i;
	int ret;

	small.attrs = own ? own_attrs : few_attrs;
	large.attrs = small.attrs;
	if (api)
		ops.device_api = "vfio-pci";
	ops.max_instances = max;
	if (budget)
		ops.budget = &test_budget;

	for (i = 0; i < ARRAY_SIZE(parents); i++) {
		parents[i] = root_device_register(i ? "mdev_ops1" : "mdev_ops0");
		if (IS_ERR(parents[i])) {
			ret = PTR_ERR(parents[i]);
			goto undo;
		}
		ret = test_register(parents[i]);
		if (ret) {
			root_device_unregister(parents[i]);
			goto undo;
		}
	}
	/* a second registration of the same device must fail and change nothing */
	if (test_register(parents[0]) != -EEXIST)
		pr_err("a parent can be registered twice\n");
	if (mdev_register_device_pools(parents[0], &ops, NULL, 1) != -EINVAL)
		pr_err("NULL is taken for pools\n");
	return 0;

undo:
	while (i--) {
		mdev_unregister_device(parents[i]);
		root_device_unregister(parents[i]);
	}
	return ret;
}

static void __exit test_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parents); i++) {
		mdev_unregister_device(parents[i]);
		root_device_unregister(parents[i]);
	}
	if (atomic_read(&alive))
		pr_err("%d mdevs are left\n", atomic_read(&alive));
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("Test driver of the old interface of mediated devices");
MODULE_LICENSE("GPL");
