/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOY_H
#define TOY_H
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

struct toy_parent {
	struct device *dev;
	int left;
	struct mutex lock;
};
#endif
