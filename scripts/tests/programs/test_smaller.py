# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/fuzz/smaller.py."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from fuzz.smaller import ranges, smallest  # noqa: E402


class Smallest(unittest.TestCase):
    def test_what_is_needed_is_left(self):
        for needed in ({7}, {0, 499}, {3, 250, 251, 498}):
            left, asked = smallest(lambda some: needed <= set(some), list(range(500)), 1000)
            self.assertEqual(set(left), needed)
            self.assertLess(asked, 200)

    def test_the_limit_of_tries(self):
        asked = []

        def fails(some):
            asked.append(some)
            return {3, 400} <= set(some)

        left, count = smallest(fails, list(range(500)), 7)
        self.assertEqual(count, 7)
        self.assertEqual(len(asked), 7)
        self.assertLessEqual({3, 400}, set(left))

    def test_a_failure_that_does_not_come_again(self):
        left, _ = smallest(lambda some: False, list(range(20)), 1000)
        self.assertEqual(left, list(range(20)))

    def test_ranges(self):
        self.assertEqual(ranges([3, 7, 8, 9, 12, 13]), "3,7-9,12-13")
        self.assertEqual(ranges([]), "")


if __name__ == "__main__":
    unittest.main()
