// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/s390_unbind.cocci patch,context,org,report
static struct css_driver io_subchannel_driver;

static void sch_create_and_recog_new_device(struct subchannel *sch)
{
	struct ccw_device *cdev = toy_create(sch);

	if (IS_ERR(cdev)) {
		css_sch_device_unregister(sch);
		return;
	}
	toy_recognize(cdev);
}

static int io_subchannel_probe(struct subchannel *sch)
{
	spin_lock_irq(&sch->lock);
	css_sched_sch_todo(sch, SCH_TODO_UNREG);
	spin_unlock_irq(&sch->lock);
	return 0;
}

static void io_subchannel_remove(struct subchannel *sch)
{
	struct io_subchannel_private *io_priv = to_io_private(sch);
	struct ccw_device *cdev;

	cdev = sch_get_cdev(sch);
	if (!cdev)
		goto out_free;
	ccw_device_unregister(cdev);
	spin_lock_irq(&sch->lock);
	sch_set_cdev(sch, NULL);
	set_io_private(sch, NULL);
	spin_unlock_irq(&sch->lock);
out_free:
	kfree(io_priv);
}

static int purge_fn(struct subchannel *sch, void *data)
{
	struct ccw_device *cdev;

	spin_lock_irq(&sch->lock);
	if (!toy_ignored(sch))
		goto unlock;
	cdev = sch_get_cdev(sch);
	toy_purge(cdev);
unlock:
	spin_unlock_irq(&sch->lock);
	return 0;
}

static int io_subchannel_sch_event(struct subchannel *sch, int process)
{
	unsigned long flags;
	struct ccw_device *cdev;
	int action;
	int rc = -EAGAIN;

	spin_lock_irqsave(&sch->lock, flags);
	if (!device_is_registered(&sch->dev))
		goto out_unlock;
	cdev = sch_get_cdev(sch);
	action = toy_action(sch, cdev);
	spin_unlock_irqrestore(&sch->lock, flags);
	if (!process)
		goto out;
	switch (action) {
	case IO_SCH_ORPH_CDEV:
		rc = ccw_device_move_to_orph(cdev);
		if (rc)
			goto out;
		break;
	case IO_SCH_UNREG:
		css_sch_device_unregister(sch);
		break;
	case IO_SCH_ATTACH:
		cdev = toy_find(sch);
		if (!cdev) {
			sch_create_and_recog_new_device(sch);
			break;
		}
		rc = ccw_device_move_to_sch(cdev, sch);
		if (rc) {
			put_device(&cdev->dev);
			goto out;
		}
		put_device(&cdev->dev);
		break;
	}
	return 0;

out_unlock:
	spin_unlock_irqrestore(&sch->lock, flags);
out:
	return rc;
}

static void ccw_device_todo(struct work_struct *work)
{
	struct ccw_device *cdev = toy_cdev(work);
	struct subchannel *sch = to_subchannel(cdev->dev.parent);

	switch (toy_todo(work)) {
	case CDEV_TODO_REGISTER:
		io_subchannel_register(cdev);
		break;
	case CDEV_TODO_UNREG:
		spin_lock_irq(&sch->lock);
		sch_set_cdev(sch, NULL);
		spin_unlock_irq(&sch->lock);
		ccw_device_unregister(cdev);
		break;
	}
	put_device(&cdev->dev);
}
