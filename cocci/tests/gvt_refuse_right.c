// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/gvt_refuse.cocci patch,context,org,report
// The core knows about the refusal.
#include <linux/mdev.h>

struct intel_vgpu;
int intel_gvt_create_vgpu(struct intel_vgpu *vgpu, int conf);

int toy_init_dev(struct device *dev, struct intel_vgpu *vgpu)
{
	struct mdev_device *mdev = to_mdev_device(dev);
	int ret;

	ret = intel_gvt_create_vgpu(vgpu, 1);
	if (ret == -ENOSPC)
		ret = mdev_refuse(mdev);
	if (ret)
		return ret;

	return 0;
}
