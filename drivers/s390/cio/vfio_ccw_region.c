// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: the regions
 *
 * Access by the user goes through a copy in kernel memory. The first region, for START SUBCHANNEL
 * and the status of interrupts, is here too; Documentation/arch/s390/vfio-ccw.rst has all of them.
 */
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "vfio_ccw_private.h"

static int vfio_ccw_io_read(struct vfio_ccw_private *private, void *data)
{
	mutex_lock(&private->io_mutex);
	vfio_ccw_fsm_collect(private);
	memcpy(data, &private->io_region, sizeof(private->io_region));
	mutex_unlock(&private->io_mutex);
	return 0;
}

static int vfio_ccw_io_write(struct vfio_ccw_private *private, const void *data, size_t pos,
			     size_t count)
{
	int ret;

	/* the user tries again */
	if (!mutex_trylock(&private->io_mutex))
		return -EAGAIN;
	memcpy((u8 *)&private->io_region + pos, data, count);
	ret = vfio_ccw_fsm_event(private, VFIO_CCW_EVENT_IO_REQ);
	private->io_region.ret_code = ret;
	mutex_unlock(&private->io_mutex);
	return ret;
}

static const struct vfio_ccw_region vfio_ccw_io_region = {
	.size	= sizeof(struct ccw_io_region),
	.read	= vfio_ccw_io_read,
	.write	= vfio_ccw_io_write,
};

static const struct vfio_ccw_region * const vfio_ccw_regions[VFIO_CCW_REGIONS] = {
	&vfio_ccw_io_region,
	&vfio_ccw_async_region,
	&vfio_ccw_schib_region,
	&vfio_ccw_crw_region,
};

/* @index has 64 bits, because a file offset may have an index that exceeds an int. */
static const struct vfio_ccw_region *vfio_ccw_find_region(u64 index)
{
	if (index >= VFIO_CCW_REGIONS)
		return NULL;
	return vfio_ccw_regions[array_index_nospec(index, VFIO_CCW_REGIONS)];
}

/* The region that has @count bytes from file offset @pos, or NULL. */
static const struct vfio_ccw_region *vfio_ccw_region_at(u64 pos, size_t count)
{
	const struct vfio_ccw_region *region;

	region = vfio_ccw_find_region(VFIO_CCW_OFFSET_TO_INDEX(pos));
	pos &= VFIO_CCW_OFFSET_MASK;
	if (!region || count > region->size || pos > region->size - count)
		return NULL;
	return region;
}

/**
 * vfio_ccw_region_read() - pread() on the vfio device
 * @private: the mediated subchannel
 * @buf: memory of the user
 * @count: bytes to read
 * @pos: file offset; it contains the index of a region
 *
 * Context: may sleep, as long as the user wants; without locks.
 * Return: @count; -EINVAL: there is no such region, or it ends before; -EFAULT; an error of the
 * region.
 */
ssize_t vfio_ccw_region_read(struct vfio_ccw_private *private, char __user *buf, size_t count,
			     u64 pos)
{
	const struct vfio_ccw_region *region = vfio_ccw_region_at(pos, count);
	u8 data[VFIO_CCW_REGION_SIZE_MAX];
	int ret;

	if (!region)
		return -EINVAL;
	ret = region->read(private, data);
	if (ret)
		return ret;
	return copy_to_user(buf, data + (pos & VFIO_CCW_OFFSET_MASK), count) ? -EFAULT : count;
}

/**
 * vfio_ccw_region_write() - pwrite() on the vfio device
 * @private: the mediated subchannel
 * @buf: memory of the user
 * @count: bytes to write
 * @pos: file offset; it contains the index of a region
 *
 * Context: may sleep, as long as the user wants; without locks.
 * Return: @count; -EINVAL: there is no such region, it ends before, or it is only read; -EFAULT; an
 * error of the region.
 */
ssize_t vfio_ccw_region_write(struct vfio_ccw_private *private, const char __user *buf,
			      size_t count, u64 pos)
{
	const struct vfio_ccw_region *region = vfio_ccw_region_at(pos, count);
	u8 data[VFIO_CCW_REGION_SIZE_MAX];
	int ret;

	if (!region || !region->write)
		return -EINVAL;
	if (copy_from_user(data, buf, count))
		return -EFAULT;
	ret = region->write(private, data, pos & VFIO_CCW_OFFSET_MASK, count);
	return ret ? ret : count;
}

/**
 * vfio_ccw_region_info() - describe a region
 * @info: has the index; for size, offset and flags
 * @caps: for the type of a region other than the first
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: there is no such region; -ENOMEM.
 */
int vfio_ccw_region_info(struct vfio_region_info *info, struct vfio_info_cap *caps)
{
	const struct vfio_ccw_region *region = vfio_ccw_find_region(info->index);
	struct vfio_region_info_cap_type cap = {
		.header.id = VFIO_REGION_INFO_CAP_TYPE,
		.header.version = 1,
		.type = VFIO_REGION_TYPE_CCW,
	};

	if (!region)
		return -EINVAL;
	info->offset = VFIO_CCW_INDEX_TO_OFFSET(info->index);
	info->size = region->size;
	info->flags = VFIO_REGION_INFO_FLAG_READ;
	if (region->write)
		info->flags |= VFIO_REGION_INFO_FLAG_WRITE;
	if (!region->subtype)
		return 0;
	cap.subtype = region->subtype;
	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}
