// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include "bus.h"

unsigned int toy_name_length(const struct qstr *name)
{
	return name->len;
}
