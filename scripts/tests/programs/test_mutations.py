#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/check/mutations: each seeded bug names a test, which has to have run."""
import contextlib
import glob
import io
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from lib.common import TOP, CannotRun  # noqa: E402
from lib.loading import as_module  # noqa: E402

mutations = as_module("check/mutations")
PATHS = [(suite, p) for suite in mutations.KERNEL
         for p in sorted(glob.glob(os.path.join(mutations.MUTATIONS, suite, "*.cocci")))]


class Heads(unittest.TestCase):
    def test_the_tests_are_there(self):
        self.assertGreater(len(PATHS), 40)
        for suite, path in PATHS:
            m = mutations.Mutation(suite, path)
            source = os.path.join(TOP, "tools/testing/selftests", suite, m.program + ".c")
            if m.program in ("build", "ccw_reboot", "run_kunit.sh"):
                continue
            with self.subTest(m.name), open(source) as f:
                name = m.test.split(".")[-1]
                self.assertRegex(f.read(), rf"(?m)^TEST\w*\((\w+, )?{re.escape(name)}\b")


class Judge(unittest.TestCase):
    def judge(self, text):
        suite, path = next(x for x in PATHS if x[0] == "vfio_ccw")
        m = mutations.Mutation(suite, path)
        with tempfile.NamedTemporaryFile("w", suffix=".log") as f:
            f.write(text.format(m=m, test=m.test.split(".")[-1]))
            f.flush()
            with contextlib.redirect_stderr(io.StringIO()):
                return mutations.judge(m, f.name)

    def test_no_test_has_run(self):
        with self.assertRaisesRegex(CannotRun, "has no test"):
            self.judge("@@TEST {m.program}\n1..0\n@@DONE {m.program} 0\n@@GUEST end 0\n")

    def test_a_test_that_passes(self):
        text = "@@TEST {m.program}\n1..1\nok 1 x.{test}\n@@DONE {m.program} 0\n@@GUEST end 0\n"
        self.assertIn("NOT CAUGHT", self.judge(text))
        self.assertIsNone(self.judge(text.replace("ok 1", "not ok 1")))


if __name__ == "__main__":
    unittest.main()
