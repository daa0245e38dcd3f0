// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/gvt_refuse.cocci patch,context,org,report
// An allocator that needs contiguous room.
#include <linux/mdev.h>

struct intel_vgpu;
int intel_gvt_create_vgpu(struct intel_vgpu *vgpu, int conf);

int toy_init_dev(struct device *dev, struct intel_vgpu *vgpu)
{
	struct mdev_device *mdev = to_mdev_device(dev);
	int ret;

	ret = intel_gvt_create_vgpu(vgpu, 1);
	if (ret)
		return ret;

	return 0;
}
