// SPDX-License-Identifier: GPL-2.0-only
// The device driver, which only sets the counter.
#include "toy_private.h"

int toy_bind(struct toy_dev *td)
{
	mutex_init(&td->lock);
	atomic_set(&td->left, 1);
	return toy_mdev_register(td);
}
