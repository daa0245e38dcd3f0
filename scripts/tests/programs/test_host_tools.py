#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/fuzz/host-tools: a program that takes damage badly is found."""
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from lib.loading import as_module  # noqa: E402

host_tools = as_module("fuzz/host-tools")


class Kind:
    """A program that is a line of shell."""
    suffix = ".x"

    def __init__(self, shell, wrong=None):
        self.shell, self.wrong = shell, lambda *_: wrong

    def command(self, _):
        return ["sh", "-c", self.shell]


class Faults(unittest.TestCase):
    def fault(self, *kind):
        with tempfile.TemporaryDirectory() as folder:
            return host_tools.fault(Kind(*kind), b"x", True, folder)[0]

    def test_a_program_that_says_what_is_wrong(self):
        self.assertIsNone(self.fault("echo damaged >&2; exit 2"))
        self.assertIsNone(self.fault("exit 1"))

    def test_faults(self):
        self.assertEqual(self.fault("echo Traceback >&2; exit 2"), "a traceback")
        self.assertEqual(self.fault("exit 2"), "exit 2 without a message")
        self.assertEqual(self.fault("exit 3"), "exit 3")
        self.assertEqual(self.fault("kill -9 $$"), "exit -9")
        self.assertEqual(self.fault("exit 0", "half is enough"), "half is enough")

    def test_a_program_without_an_end(self):
        before, host_tools.SECONDS = host_tools.SECONDS, 0.2
        try:
            self.assertRegex(self.fault("sleep 9"), "no end")
        finally:
            host_tools.SECONDS = before


class Damage(unittest.TestCase):
    def test_each_run_damages_the_same_again(self):
        data = bytes(range(256)) * 8
        for n in range(50):
            once, again = (host_tools.damaged(random.Random(n), data) for _ in range(2))
            self.assertEqual(once, again)
            self.assertTrue(once[0] == data[:len(once[0])] if once[1] else once[0] != data)

    def test_half_of_what_each_program_reads(self):
        driver = host_tools.Driver.wrong(None, b"int f(void) {", True, 0)
        self.assertEqual(driver, "half a driver is converted")
        self.assertIsNone(host_tools.Driver.wrong(None, b"int f(void) {", True, 2))
        self.assertEqual(host_tools.Log.wrong(None, b"@@TEST", True, 0), "half a run has passed")
        self.assertTrue(host_tools.Module.wrong(None, b"", True, 0))


if __name__ == "__main__":
    unittest.main()
