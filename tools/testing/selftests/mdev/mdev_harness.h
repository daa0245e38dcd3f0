/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kselftest harness, with time for a debugging kernel under emulation
 */
#ifndef MDEV_HARNESS_H
#define MDEV_HARNESS_H

#include "kselftest_harness.h"

/* seconds for a test that does not say otherwise */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120

#endif /* MDEV_HARNESS_H */
