// SPDX-License-Identifier: GPL-2.0-only
// spatch: lifecycle/reference.cocci report
#include <linux/vfio.h>


static struct toy *toy_get_priv(struct subchannel *sch)
{
	struct toy *toy;

	rcu_read_lock();
	toy = dev_get_drvdata(&sch->dev);
	if (toy && !vfio_device_try_get(&toy->vdev))
		toy = NULL;
	rcu_read_unlock();
	return toy;
}

static int toy_chp_event(struct subchannel *sch, int mask, int event)
{
	struct toy *toy;

	toy = toy_get_priv(sch);
	if (!toy)
		return 0;
	if (!mask)
		return 0;

	toy_event(toy, event);
	vfio_device_put(&toy->vdev);
	return 0;
}
