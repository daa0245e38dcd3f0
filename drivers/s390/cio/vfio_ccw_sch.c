// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: instructions to the subchannel
 *
 * For the callbacks and for the state machine; nothing here calls up. The trace strings are those
 * of drivers/s390/cio/vfio_ccw_fsm.c in Linux 7.3:
 * Copyright IBM Corp. 2017
 * Copyright Red Hat, Inc. 2019
 */
#include <asm/isc.h>

#include "chp.h"
#include "ioasm.h"
#include "vfio_ccw_private.h"

/* The time to stop a subchannel, and the time to wait for one of its interrupts, in jiffies. */
#define QUIESCE_TIMEOUT		(30 * HZ)
#define QUIESCE_INTERRUPT	(3 * HZ)

/**
 * vfio_ccw_sch_start() - START SUBCHANNEL
 * @sch: the subchannel
 * @words: words 0 to 2 of the ORB, command mode. The interruption parameter (word 0) is that of css
 *	instead; a logical-path mask of zero stands for all usable paths
 *
 * Return: 0, -EBUSY (status pending or busy), -EACCES (none of the requested paths is operational),
 * -ENODEV (no path at all) or -EIO (the instruction failed).
 */
int vfio_ccw_sch_start(struct subchannel *sch, const void *words)
{
	union orb orb = {};
	int cc;

	lockdep_assert_held(&sch->lock);
	memcpy(&orb, words, 3 * sizeof(u32));
	orb.cmd.intparm = (u32)virt_to_phys(sch);
	if (!orb.cmd.lpm)
		orb.cmd.lpm = sch->lpm;

	cc = ssch(sch->schid, &orb);
	VFIO_CCW_TRACE_CC(5, sch, "stIO", cc);
	if (!cc) {
		sch->schib.scsw.cmd.actl |= SCSW_ACTL_START_PEND;
		return 0;
	}
	if (cc == 3) {
		/* no path of the ORB is operational: do not use these paths again */
		sch->lpm &= orb.cmd.lpm ? ~orb.cmd.lpm : 0;
		return cio_update_schib(sch) || !sch->lpm ? -ENODEV : -EACCES;
	}
	return cc == 1 || cc == 2 ? -EBUSY : -EIO;
}

/**
 * vfio_ccw_sch_halt() - HALT SUBCHANNEL
 * @sch: the subchannel
 *
 * Return: 0, -EBUSY (status pending or busy) or -ENODEV.
 */
int vfio_ccw_sch_halt(struct subchannel *sch)
{
	int cc;

	lockdep_assert_held(&sch->lock);
	cc = hsch(sch->schid);
	VFIO_CCW_TRACE_CC(2, sch, "haltIO", cc);
	if (cc == 3)
		return -ENODEV;
	if (cc)
		return -EBUSY;
	sch->schib.scsw.cmd.actl |= SCSW_ACTL_HALT_PEND;
	return 0;
}

/**
 * vfio_ccw_sch_clear() - CLEAR SUBCHANNEL
 * @sch: the subchannel
 *
 * Return: 0 or -ENODEV.
 */
int vfio_ccw_sch_clear(struct subchannel *sch)
{
	int cc;

	lockdep_assert_held(&sch->lock);
	cc = csch(sch->schid);
	VFIO_CCW_TRACE_CC(2, sch, "clearIO", cc);
	if (cc)
		return -ENODEV;
	/* clear ends all other functions */
	sch->schib.scsw.cmd.actl = SCSW_ACTL_CLEAR_PEND;
	return 0;
}

/**
 * vfio_ccw_sch_update_paths() - compute the masks of usable paths
 * @sch: the subchannel, whose schib is up to date
 *
 * Uses the state of the channel paths, because the old masks may be stale: paths are varied while
 * no driver is bound too, and a start without an operational path removes bits from the logical
 * path mask.
 */
void vfio_ccw_sch_update_paths(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	sch->opm = chp_get_sch_opm(sch);
	sch->lpm = sch->schib.pmcw.pam & sch->opm;
}

/**
 * vfio_ccw_sch_enable() - enable the subchannel for interrupts and I/O
 * @sch: the subchannel
 *
 * Return: 0, -ENODEV if the device is gone, -EBUSY if the subchannel is busy, or another error of
 * cio_enable_subchannel(). On error the subchannel is disabled.
 */
int vfio_ccw_sch_enable(struct subchannel *sch)
{
	int ret;

	lockdep_assert_held(&sch->lock);
	sch->isc = VFIO_CCW_ISC;
	/* css finds the subchannel by its interruption parameter */
	ret = cio_enable_subchannel(sch, (u32)virt_to_phys(sch));
	if (ret) {
		/* otherwise the next cio_commit_config() would enable it */
		cio_disable_subchannel(sch);
		return ret;
	}
	vfio_ccw_sch_update_paths(sch);
	return 0;
}

/**
 * vfio_ccw_sch_quiesce() - stop all functions of the subchannel and disable it
 * @sch: the subchannel; nobody starts a function any more
 * @interrupt: completed, under the lock of the subchannel, by its interrupts and when it is gone
 *
 * Drops and takes the lock of the subchannel to wait for interrupts. @interrupt is reinitialized
 * before each instruction that causes one, under the lock that the interrupt takes. Shutdown and
 * close may wait at the same time: one may make the other wait for QUIESCE_INTERRUPT.
 *
 * Context: may sleep, for QUIESCE_TIMEOUT if the subchannel does not stop.
 * Return: 0 if the subchannel is disabled, -ENODEV if the device is gone, another error if the
 * subchannel does not stop, which is logged.
 */
int vfio_ccw_sch_quiesce(struct subchannel *sch, struct completion *interrupt)
{
	unsigned long end = jiffies + QUIESCE_TIMEOUT;
	int iretry = 255;
	int ret;

	lockdep_assert_held(&sch->lock);
	while ((ret = cio_disable_subchannel(sch)) == -EBUSY) {
		if (time_after(jiffies, end))
			break;
		reinit_completion(interrupt);
		ret = cio_cancel_halt_clear(sch, &iretry);
		if (!ret)
			continue;
		if (ret != -EBUSY)
			break;
		spin_unlock_irq(&sch->lock);
		wait_for_completion_timeout(interrupt, QUIESCE_INTERRUPT);
		spin_lock_irq(&sch->lock);
	}
	if (ret && ret != -ENODEV)
		dev_err(&sch->dev, "could not quiesce subchannel, error %d\n", ret);
	return ret;
}

/**
 * vfio_ccw_sch_gone() - make css unregister a subchannel without a device
 * @sch: the subchannel
 *
 * Works with and without an mdev: css unbinds the driver, which removes the mdev.
 */
void vfio_ccw_sch_gone(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_SCH_EVENT(2, sch, "gone");
	css_sched_sch_todo(sch, SCH_TODO_UNREG);
}

/**
 * vfio_ccw_sch_stray_irq() - handle an interrupt of a subchannel that is not open
 * @sch: the subchannel
 *
 * The subchannel should be disabled: disable it (again).
 *
 * Context: hard interrupt.
 */
void vfio_ccw_sch_stray_irq(struct subchannel *sch)
{
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_SCH_EVENT(2, sch, "unexpected interrupt");
	cio_disable_subchannel(sch);
}
