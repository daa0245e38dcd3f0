#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/vm/pace.py: the time that a guest has, and the message when it is over."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from vm.pace import BOOT, SLOWEST, USUAL, Pace, boot_seconds  # noqa: E402

LIMIT, BOOTS_IN = 100, 4


def guest(*lines, boot=None):
    """A Pace that heard @lines, (seconds, text) each, from a guest that booted in @boot seconds."""
    pace = Pace(LIMIT, BOOTS_IN)
    if boot:
        pace.hear("@@GUEST start 6.12.0", boot)
        pace.boot(boot)
    for now, text in lines:
        pace.hear(text, now)
    return pace


def given_up(pace, until=10 * SLOWEST * LIMIT):
    """The second at which a guest that says nothing more is given up."""
    return next((now for now in range(until) if pace.over(now)), None)


class Limit(unittest.TestCase):
    def test_a_guest_that_never_spoke_ends_at_the_limit(self):
        self.assertEqual(given_up(guest()), LIMIT + 1)

    def test_a_guest_that_fell_silent_early_ends_at_the_limit(self):
        self.assertEqual(given_up(guest((50, "ok 1 a"), boot=BOOTS_IN)), LIMIT + 1)

    def test_a_guest_that_just_spoke_has_half_the_limit_more(self):
        self.assertEqual(given_up(guest((99, "ok 1 a"), boot=BOOTS_IN)), 99 + LIMIT // 2 + 1)

    def test_any_line_counts_as_talk(self):
        self.assertEqual(given_up(guest((99, "[   95.0] mtty: open"))), 99 + LIMIT // 2 + 1)

    def test_a_guest_that_goes_on_talking_ends_at_three_times_the_limit(self):
        pace, now = guest(boot=BOOTS_IN), 0
        while not pace.over(now):
            pace.hear("[    1.0] still here", now)
            now += 1
        self.assertEqual(now, 3 * LIMIT + 1)


class Host(unittest.TestCase):
    def test_a_slow_boot_stretches_the_limit(self):
        self.assertEqual(given_up(guest(boot=3 * BOOTS_IN)), 3 * LIMIT + 1)

    def test_a_slow_boot_stretches_the_silence_too(self):
        pace = guest((299, "ok 1 a"), boot=3 * BOOTS_IN)
        self.assertEqual(given_up(pace), 299 + 3 * LIMIT // 2 + 1)

    def test_a_fast_boot_takes_nothing_away(self):
        self.assertEqual(given_up(guest(boot=BOOTS_IN / 2)), LIMIT + 1)

    def test_a_very_slow_boot_stretches_no_further(self):
        self.assertEqual(given_up(guest(boot=2 * SLOWEST * BOOTS_IN)), SLOWEST * LIMIT + 1)


class Message(unittest.TestCase):
    def test_a_guest_that_never_came_to_its_tests(self):
        self.assertEqual(guest().progress(), "limit 100 s")

    def test_how_many_tests_had_ended(self):
        pace = guest((5, "@@TEST mdev_attr_test"), (5, "TAP version 13"), (5, "1..4"),
                     (6, "ok 1 attr.name"), (7, "not ok 2 attr.type"), (7, "# RUN attr.bytes"),
                     (8, "ok 3 - attr.bytes # SKIP no reason"), boot=BOOTS_IN)
        self.assertEqual(pace.progress(), "limit 100 s; in mdev_attr_test, 3 of 4 tests had ended, "
                                          "the last was attr.bytes")

    def test_the_plans_of_all_programs_count(self):
        pace = guest((5, "@@TEST one"), (5, "1..2"), (6, "ok 1 a"), (6, "ok 2 b"),
                     (7, "@@TEST two"), (7, "1..3"), (8, "ok 1 c"), boot=BOOTS_IN)
        self.assertIn("in two, 3 of 5 tests had ended, the last was c", pace.progress())

    def test_the_speed_of_the_host(self):
        self.assertIn("limit 100 s x 2.5: its boot took 10.0 s, 4 s are usual",
                      guest(boot=10).progress())


class Boot(unittest.TestCase):
    def test_every_kernel_has_a_usual_time(self):
        for arch, variants in BOOT.items():
            for variant, seconds in variants.items():
                with self.subTest(arch=arch, variant=variant):
                    self.assertEqual(boot_seconds(arch, variant), seconds)
                    self.assertGreater(seconds, 0)

    def test_a_kernel_that_nobody_measured(self):
        self.assertEqual(boot_seconds("x86", "nothing"), USUAL)


if __name__ == "__main__":
    unittest.main()
