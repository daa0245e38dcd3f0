/* SPDX-License-Identifier: GPL-2.0-only */
/* WQ_PERCPU: the explicit opposite of WQ_UNBOUND, and the default of older trees */
#ifndef COMPAT_WQ_PERCPU_H
#define COMPAT_WQ_PERCPU_H

#define WQ_PERCPU 0

#endif /* COMPAT_WQ_PERCPU_H */
