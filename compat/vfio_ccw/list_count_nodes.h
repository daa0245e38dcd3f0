/* SPDX-License-Identifier: GPL-2.0-only */
/* list_count_nodes(): count the entries of a list */
#ifndef COMPAT_LIST_COUNT_NODES_H
#define COMPAT_LIST_COUNT_NODES_H

#include <linux/list.h>

static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *entry;
	size_t n = 0;

	list_for_each(entry, head)
		n++;
	return n;
}

#endif /* COMPAT_LIST_COUNT_NODES_H */
