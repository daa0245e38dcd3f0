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
extern int toy_used;
void toy_put(void);
extern struct attribute_group *toy_groups[];
#endif
