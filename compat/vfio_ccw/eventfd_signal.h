/* SPDX-License-Identifier: GPL-2.0-only */
/* eventfd_signal() without the argument for the increment, which is always 1 */
#ifndef COMPAT_EVENTFD_SIGNAL_H
#define COMPAT_EVENTFD_SIGNAL_H

#include <linux/eventfd.h>

#define eventfd_signal(_ctx) eventfd_signal(_ctx, 1)

#endif /* COMPAT_EVENTFD_SIGNAL_H */
