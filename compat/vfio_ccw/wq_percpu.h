/* SPDX-License-Identifier: GPL-2.0-only */
/* WQ_PERCPU: said aloud what every workqueue is that is not WQ_UNBOUND */
#ifndef COMPAT_WQ_PERCPU_H
#define COMPAT_WQ_PERCPU_H

#define WQ_PERCPU 0

#endif /* COMPAT_WQ_PERCPU_H */
