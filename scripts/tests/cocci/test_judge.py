# SPDX-License-Identifier: GPL-2.0-only
"""The second judge notices every line that a conversion should not have removed."""
import os
import sys
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, SCRIPTS)
from migrate import golden  # noqa: E402
from migrate.driver import NotConverted  # noqa: E402
from migrate.grouping import drivers  # noqa: E402
from migrate.judge.accounting import account  # noqa: E402

# a counter of each kind, a helper, a budget, several files
DRIVERS = ("count_mutex", "count_atomic_member", "count_helper", "budget_sub", "files_three",
           "kdoc_other_function", "callback_create_counts")


def driver(name):
    """A golden test's driver as its conversion leaves it."""
    d, = drivers(golden.sources(name), golden.TESTS, closed=True)
    d.new = {**d.new, **golden.converted(name)}
    return d


class Judge(unittest.TestCase):
    def test_right_conversions(self):
        for name in DRIVERS:
            with self.subTest(name):
                self.assertTrue(account(driver(name)))

    def test_one_line_too_many(self):
        for name in DRIVERS:
            d, tried = driver(name), 0
            for path in d.changed():
                lines = d.new[path].split("\n")
                for n, line in enumerate(lines):
                    # code that the conversion kept; blank lines mean nothing
                    if line.strip() and line in d.old[path].split("\n"):
                        tried += 1
                        with self.subTest(name, path=path, line=n + 1, removed=line):
                            e = driver(name)
                            e.new[path] = "\n".join(lines[:n] + lines[n + 1:])
                            self.assertRaises(NotConverted, account, e)
            self.assertGreater(tried, 20, name)

    def test_counter_that_lives_on(self):
        d = driver("count_mutex")
        old = d.old["count_mutex.c"]
        d.new["count_mutex.c"] = old.replace("static int toy_left = TOY_MAX;\n", "")
        with self.assertRaisesRegex(NotConverted, "undeclared identifier 'toy_left'"):
            account(d)


if __name__ == "__main__":
    unittest.main()
