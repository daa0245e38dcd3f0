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

/* For a FIXTURE_SETUP of what the stock core lacks; needs mdev_lib.h */
#define SKIP_WITHOUT_BUDGETS() do {						\
	if (!test_budgets())							\
		SKIP(return, "%s", core_kind() == CORE_OURS ?			\
		     "mdev_test_budget.ko is not loaded" :			\
		     "the tree's own core has no budgets");			\
	} while (0)

#endif /* MDEV_HARNESS_H */
