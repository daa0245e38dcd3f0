/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOY_H
#define TOY_H
#include <linux/mdev.h>
#include <linux/slab.h>
#include <linux/vfio.h>

struct toy {
	int id;
};

#define TOY_LIMIT 4
struct toy_state {
	int used;
	struct mutex lock;
	int generation;
};
extern struct toy_state toy_state;
extern struct attribute_group *toy_groups[];
#endif
