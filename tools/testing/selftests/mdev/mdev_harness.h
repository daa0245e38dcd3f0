/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kselftest harness with a longer default time-out, and the end of a loop over rounds
 */
#ifndef MDEV_HARNESS_H
#define MDEV_HARNESS_H

#include <stdio.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "rounds.h"

/* Seconds. A debugging kernel under emulation takes more than the harness's 30. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120

/* The name of the running variant, "" without one */
static inline const char *test_variant(const struct __test_metadata *_metadata)
{
	const struct __fixture_variant_metadata *v;

	for (v = _metadata->fixture->variant; v; v = v->next)
		if (v->data == _metadata->variant)
			return v->name;
	return "";
}

/*
 * Prints "# FIXTURE.VARIANT.TEST: N of M rounds in S s" and fails the test if a time limit left
 * too few. Uses write(): buffered output is lost when the test aborts.
 */
static inline void rounds_end(struct __test_metadata *_metadata, const struct rounds *r)
{
	const char *variant = test_variant(_metadata);
	char line[256];
	int len;

	len = snprintf(line, sizeof(line), "# %s%s%s.%s: %u of %u rounds in %.1f s\n",
		       _metadata->fixture->name, *variant ? "." : "", variant, _metadata->name,
		       r->done, r->wanted, rounds_now() - r->start);
	ASSERT_EQ(len, write(STDOUT_FILENO, line, len));
	EXPECT_LE(r->min, r->done) {
		TH_LOG("too few rounds within the time limit of %.0f s", r->limit);
	}
}

/* In a FIXTURE_SETUP: skips a test of this project's additions to the core. Needs mdev_lib.h. */
#define SKIP_WITHOUT_BUDGETS() do {						\
	if (!test_budgets())							\
		SKIP(return, "%s", core_kind() == CORE_OURS ?			\
		     "mdev_test_budget.ko is not loaded" :			\
		     "the stock core has no budgets");				\
} while (0)

#endif /* MDEV_HARNESS_H */
