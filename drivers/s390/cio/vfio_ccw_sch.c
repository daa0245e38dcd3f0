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

/*
 * cio_cancel_halt_clear() gives up after one cancel, three halts and 255 clears. This limit also
 * ends the loop for a subchannel that accepts every cancel and stays busy.
 */
#define QUIESCE_ROUNDS	(1 + 3 + 255)
#define QUIESCE_TIMEOUT	(3 * HZ)

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

	VFIO_CCW_TRACE_EVENT(5, "stIO");
	cc = ssch(sch->schid, &orb);
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
	VFIO_CCW_TRACE_EVENT(2, "haltIO");
	cc = hsch(sch->schid);
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
	lockdep_assert_held(&sch->lock);
	VFIO_CCW_TRACE_EVENT(2, "clearIO");
	if (csch(sch->schid))
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
 * @private: the mediated subchannel, in VFIO_CCW_STATE_QUIESCING
 *
 * Drops and takes the lock of the subchannel to wait for interrupts; the caller's io_mutex excludes
 * new requests meanwhile. &vfio_ccw_private.quiesced is completed by an interrupt, or when the
 * device is gone. It is reinitialized before each instruction that causes an interrupt, under the
 * lock that the interrupt takes, so that no interrupt is missed or counted twice.
 *
 * Context: may sleep, for seconds if the device does not respond.
 * Return: 0 if the subchannel is disabled, -ENODEV if the device is gone, -EIO if the subchannel
 * does not stop.
 */
int vfio_ccw_sch_quiesce(struct vfio_ccw_private *private)
{
	struct subchannel *sch = private->sch;
	int rounds = QUIESCE_ROUNDS;
	int iretry = 255;
	int ret;

	lockdep_assert_held(&private->io_mutex);
	lockdep_assert_held(&sch->lock);

	while ((ret = cio_disable_subchannel(sch)) == -EBUSY) {
		if (!rounds--)
			return -EIO;
		reinit_completion(&private->quiesced);
		ret = cio_cancel_halt_clear(sch, &iretry);
		if (!ret)
			continue;
		if (ret != -EBUSY) {
			VFIO_CCW_SCH_EVENT(0, sch, "could not quiesce: %d", ret);
			return ret;
		}
		spin_unlock_irq(&sch->lock);
		wait_for_completion_timeout(&private->quiesced, QUIESCE_TIMEOUT);
		spin_lock_irq(&sch->lock);
		if (private->state != VFIO_CCW_STATE_QUIESCING)
			return -ENODEV;
	}
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
