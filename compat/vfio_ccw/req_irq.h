/* SPDX-License-Identifier: GPL-2.0-only */
/* VFIO_CCW_REQ_IRQ_INDEX: the eventfd for the request to release the device */
#ifndef COMPAT_VFIO_CCW_REQ_IRQ_H
#define COMPAT_VFIO_CCW_REQ_IRQ_H

#include <linux/vfio.h>

enum {
	VFIO_CCW_REQ_IRQ_INDEX = VFIO_CCW_CRW_IRQ_INDEX + 1,
	COMPAT_VFIO_CCW_NUM_IRQS
};

#define VFIO_CCW_NUM_IRQS COMPAT_VFIO_CCW_NUM_IRQS

#endif /* COMPAT_VFIO_CCW_REQ_IRQ_H */
