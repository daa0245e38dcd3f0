// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directories of the types that a parent offers
 *
 * Documentation/ABI/testing/sysfs-bus-vfio-mdev describes the attributes. Their format is fixed
 * byte by byte: mdevctl reads available_instances into a signed integer, libvirt compares
 * device_api word by word.
 *
 * Directories and attributes are those of drivers/vfio/mdev/mdev_sysfs.c in Linux 7.3:
 * Copyright (c) 2016, NVIDIA CORPORATION. All rights reserved.
 *     Author: Neo Jia <cjia@nvidia.com>
 *             Kirti Wankhede <kwankhede@nvidia.com>
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mdev_private.h"

static struct mdev_type *to_mdev_type(struct kobject *kobj)
{
	return container_of(kobj, struct mdev_type, kobj);
}

static ssize_t create_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	guid_t uuid;
	int ret;

	/* a newline at the end is optional */
	if (count != UUID_STRING_LEN && count != UUID_STRING_LEN + 1)
		return -EINVAL;
	/* sysfs terminates buf with a NUL, so guid_parse() rejects a NUL within the UUID */
	ret = guid_parse(buf, &uuid);
	if (ret)
		return ret;
	ret = mdev_device_create(to_mdev_type(kobj), &uuid);
	return ret ?: count;
}

static ssize_t device_api_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_mdev_type(kobj)->parent->mdev_driver->device_api);
}

static ssize_t name_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct mdev_type *type = to_mdev_type(kobj);

	return sysfs_emit(buf, "%s\n", type->pretty_name ?: type->sysfs_name);
}

static ssize_t available_instances_show(struct kobject *kobj, struct kobj_attribute *attr,
					char *buf)
{
	return sysfs_emit(buf, "%u\n", mdev_available(to_mdev_type(kobj)));
}

static ssize_t description_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct mdev_type *type = to_mdev_type(kobj);

	return type->parent->mdev_driver->show_description(type, buf);
}

static struct kobj_attribute create_attr = __ATTR_WO(create);
static struct kobj_attribute device_api_attr = __ATTR_RO(device_api);
static struct kobj_attribute name_attr = __ATTR_RO(name);
static struct kobj_attribute available_instances_attr = __ATTR_RO(available_instances);
static struct kobj_attribute description_attr = __ATTR_RO(description);

static struct attribute *mdev_type_attrs[] = {
	&create_attr.attr,
	&device_api_attr.attr,
	&name_attr.attr,
	&available_instances_attr.attr,
	&description_attr.attr,
	NULL
};

static umode_t mdev_type_is_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	if (attr == &description_attr.attr &&
	    !to_mdev_type(kobj)->parent->mdev_driver->show_description)
		return 0;
	return attr->mode;
}

static const struct attribute_group mdev_type_group = {
	.attrs = mdev_type_attrs,
	.is_visible = mdev_type_is_visible,
};
__ATTRIBUTE_GROUPS(mdev_type);

static void mdev_type_put(struct mdev_set *set)
{
	if (refcount_dec_and_test(&set->type_count))
		complete(&set->types_gone);
}

static void mdev_type_release(struct kobject *kobj)
{
	struct mdev_parent *parent = to_mdev_type(kobj)->parent;

	/* pairs with get_device() in mdev_type_add() */
	put_device(parent->dev);
	/* pairs with refcount_inc() in mdev_type_add(); the driver may free the type now */
	mdev_type_put(mdev_set(parent));
}

static typeof(*((struct kobject *)NULL)->ktype) mdev_type_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = mdev_type_release,
	.default_groups = mdev_type_groups,
};

static int mdev_type_add(struct mdev_parent *parent, struct mdev_type *type)
{
	int ret;

	type->devices_kobj = NULL;
	/* a driver may register a type again after it was unregistered */
	memset(&type->kobj, 0, sizeof(type->kobj));
	type->kobj.kset = parent->mdev_types_kset;
	/* both pair with mdev_type_release() */
	refcount_inc(&mdev_set(parent)->type_count);
	get_device(parent->dev);

	ret = kobject_init_and_add(&type->kobj, &mdev_type_ktype, NULL, "%s-%s",
				   dev_driver_string(parent->dev), type->sysfs_name);
	if (ret)
		goto put;

	type->devices_kobj = kobject_create_and_add("devices", &type->kobj);
	if (!type->devices_kobj) {
		ret = -ENOMEM;
		goto delete;
	}
	return 0;

delete:
	kobject_del(&type->kobj);
put:
	kobject_put(&type->kobj);
	return ret;
}

static void mdev_type_remove(struct mdev_type *type)
{
	/* kobject_del() drops the reference on the type even if "devices" is still held */
	kobject_del(type->devices_kobj);
	kobject_put(type->devices_kobj);
	kobject_del(&type->kobj);
	kobject_put(&type->kobj);
}

static void mdev_types_remove_first(struct mdev_parent *parent, unsigned int nr_types)
{
	struct mdev_set *set = mdev_set(parent);

	while (nr_types--)
		mdev_type_remove(parent->types[nr_types]);
	/* pairs with refcount_set() in mdev_set_alloc() */
	mdev_type_put(set);
	wait_for_completion(&set->types_gone);
}

static void mdev_set_release(struct kobject *kobj)
{
	struct mdev_set *set = container_of(to_kset(kobj), struct mdev_set, kset);

	mdev_pools_free(set->pools);
	kfree(set->shown);
	kfree(set);
	/* pairs with mdev_release_expected() in mdev_set_add() */
	mdev_release_done();
}

static typeof(*((struct kobject *)NULL)->ktype) mdev_set_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = mdev_set_release,
};

/**
 * mdev_set_alloc() - allocate the private state of a parent
 *
 * Context: may sleep. The caller sets its owner and parent, and frees it with kfree() unless
 * mdev_set_add() succeeds.
 * Return: the state, or NULL.
 */
struct mdev_set *mdev_set_alloc(void)
{
	struct mdev_set *set = kzalloc_obj(*set);

	if (!set)
		return NULL;
	INIT_LIST_HEAD(&set->node);
	refcount_set(&set->users, 1);
	init_completion(&set->unused);
	spin_lock_init(&set->lock);
	refcount_set(&set->type_count, 1);
	init_completion(&set->types_gone);
	return set;
}

/**
 * mdev_set_add() - add the directory mdev_supported_types
 * @set: the private state of a parent that has its dev, mdev_driver, types and nr_types set
 * @source: the pools that its instances share, if any
 *
 * Context: may sleep. Pairs with mdev_set_remove().
 * Return: 0, -EINVAL for an invalid @source (the kernel log says why), -ENOMEM, or the error of
 * adding the directory.
 */
int mdev_set_add(struct mdev_set *set, const struct mdev_source *source)
{
	struct kobject *kobj = &set->kset.kobj;
	int ret;

	set->pools = mdev_pools_alloc(set->owner, source);
	if (IS_ERR(set->pools))
		return PTR_ERR(set->pools);
	ret = mdev_events_init(set);
	if (ret)
		goto free_pools;

	kobj->ktype = &mdev_set_ktype;
	kobj->parent = &set->owner->dev->kobj;
	ret = kobject_set_name(kobj, "mdev_supported_types");
	if (ret)
		goto free_pools;
	/* pairs with mdev_release_done() in mdev_set_release() */
	mdev_release_expected();
	/* on failure it frees the name, and nothing else */
	ret = kset_register(&set->kset);
	if (ret)
		goto not_expected;
	return 0;

not_expected:
	mdev_release_done();
free_pools:
	kfree(set->shown);
	mdev_pools_free(set->pools);
	return ret;
}

/**
 * mdev_set_remove() - remove the directory mdev_supported_types
 * @set: the private state, without types; it is freed with its last reference
 *
 * Context: may sleep. Pairs with mdev_set_add().
 */
void mdev_set_remove(struct mdev_set *set)
{
	kset_unregister(&set->kset);
}

/**
 * mdev_types_add() - add the directories of all types of a parent
 * @parent: the parent
 *
 * Context: may sleep. mdev_try_get_registration() fails, so that "create" refuses every write.
 * Return: 0, -ENOMEM, or the error of adding a directory. On error none is left, and the core does
 * not point to the types.
 */
int mdev_types_add(struct mdev_parent *parent)
{
	unsigned int i;
	int ret;

	for (i = 0; i < parent->nr_types; i++) {
		ret = mdev_type_add(parent, parent->types[i]);
		if (ret) {
			mdev_events_stop(mdev_set(parent));
			mdev_types_remove_first(parent, i);
			return ret;
		}
	}
	mdev_events_start(mdev_set(parent));
	return 0;
}

/**
 * mdev_types_remove() - remove the directories of all types of a parent
 * @parent: the parent, without mdevs
 *
 * Drains writes to "create" and waits until the kobjects in the types are released. The driver may
 * free the types then.
 *
 * Context: may sleep. Pairs with mdev_types_add().
 */
void mdev_types_remove(struct mdev_parent *parent)
{
	mdev_events_stop(mdev_set(parent));
	mdev_types_remove_first(parent, parent->nr_types);
}
