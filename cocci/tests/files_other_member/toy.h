/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOY_H
#define TOY_H
#include <linux/mdev.h>

/**
 * struct toy_hw - one parent
 * @dev: its device
 * @len: how many instances are left
 */
struct toy_hw {
	struct device *dev;
	atomic_t len;
} __aligned(8);
#endif
