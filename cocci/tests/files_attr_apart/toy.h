// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mdev.h>

extern struct attribute_group *toy_groups[];
