// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/warn.cocci report
#include <linux/vfio.h>


static void toy_irq(struct subchannel *sch)
{
	struct toy *toy = toy_get_priv(sch);

	if (!toy)
		return;
	toy_event(toy, TOY_INTERRUPT);
	vfio_device_put(&toy->vdev);
}

static struct css_driver toy_driver = {
	.irq = toy_irq,
};
