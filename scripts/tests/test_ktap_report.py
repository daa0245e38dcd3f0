#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/report/ktap-report: each fault of a run fails it, a good run passes."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib.common import program  # noqa: E402

REPORT = program("report/ktap-report")

GOOD = """[    0.100000] Linux version 7.3.4
@@GUEST start 7.3.4 column=ours
@@TEST attr
TAP version 13
1..3
# Starting 3 tests from 1 test cases.
ok 1 attr.name
ok 2 attr.type # SKIP no such type here
[    3.100000] mtty: something normal
ok 3 attr.bytes
# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:1 error:0
@@DONE attr 0
@@TEST kvmgt
TAP version 13
1..0 # SKIP no i915
@@DONE kvmgt 4
@@GUEST end 0
[    4.000000] reboot: Power down
"""
BAD = GOOD.replace("ok 3", "not ok 3").replace("attr 0", "attr 1").replace("end 0", "end 1")


class Report(unittest.TestCase):
    def report(self, expected=None, **columns):
        """Exit code and output of the report on {column: log}."""
        with tempfile.TemporaryDirectory() as d:
            args = []
            if expected is not None:
                with open(os.path.join(d, "expected"), "w") as f:
                    f.write(expected)
                args = ["--expected", os.path.join(d, "expected")]
            for column, text in columns.items():
                path = os.path.join(d, column)
                with open(path, "w") as f:
                    f.write(text)
                args.append(f"7.3 x86 kasan,{column}={path}")
            p = subprocess.run([REPORT, "-o", os.path.join(d, "report"), *args],
                               capture_output=True, text=True)
            return p.returncode, p.stdout + p.stderr

    def fails(self, text, words):
        code, out = self.report(ours=text)
        self.assertEqual(code, 1, out)
        self.assertRegex(out, "FAIL .*" + words)
        # the same in the stock column is shown, and fails nothing
        code, out = self.report(own=text, ours=GOOD)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, "not counted: .*" + words)

    def test_a_good_run(self):
        code, out = self.report(own=GOOD, ours=GOOD)
        self.assertEqual(code, 0, out)
        self.assertEqual(out.splitlines()[-1], "2 passed, 0 failed, 2 skipped")

    def test_a_log_whose_name_tells_the_kernel(self):
        for name, label in (("mdev-6.12-rt-x86-debian-ours.log", "mdev, 6.12-rt x86 debian"),
                            ("mdev-7.3-x86-kasan-ours.log", "mdev, 7.3 x86 kasan")):
            with tempfile.TemporaryDirectory() as d:
                with open(os.path.join(d, name), "w") as f:
                    f.write(GOOD)
                p = subprocess.run([REPORT, "-o", os.path.join(d, "report"), f.name],
                                   capture_output=True, text=True)
            self.assertEqual(p.returncode, 0, p.stderr)
            self.assertIn(label + "\n", p.stdout)

    def test_a_test_that_failed(self):
        self.fails(BAD, "attr.bytes failed")

    def test_a_skip_without_a_reason(self):
        self.fails(GOOD.replace(" no such type here", ""), "attr.type was skipped without a reason")
        self.fails(GOOD.replace("1..0 # SKIP no i915", "1..0 # SKIP"),
                   "kvmgt was skipped without a reason")

    def test_a_program_that_did_not_end(self):
        self.fails(GOOD.replace("@@DONE attr 0\n", ""), "attr did not end")

    def test_a_plan_that_does_not_match(self):
        self.fails(GOOD.replace("1..3", "1..4"), "planned 4 and gave 3")
        self.fails(GOOD.replace("1..3\n", ""), "printed no plan")

    def test_an_exit_code_without_a_failure(self):
        self.fails(GOOD.replace("attr 0", "attr 139"), "ended with 139")

    def test_a_failure_without_an_exit_code(self):
        self.fails(GOOD.replace("ok 3", "not ok 3"), "ended with 0 although")

    def test_a_guest_script_that_failed(self):
        self.fails(GOOD.replace("end 0", "end 2"), "script returned 2")

    def test_a_kernel_report(self):
        self.fails(GOOD.replace("mtty: something normal", "BUG: KASAN: slab-use-after-free in f"),
                   "1 kernel report of kind kasan")

    def test_a_vm_that_did_not_end(self):
        self.fails(GOOD[:GOOD.index("@@GUEST end")], "did not reach its end")

    def test_nothing_ran(self):
        self.fails("@@GUEST start 7.3.4\n@@GUEST end 0\n", "no test program ran")

    def test_a_module_that_stays(self):
        self.fails(GOOD.replace("@@TEST kvmgt", "@@STUCK mdev\n@@TEST kvmgt"),
                   "mdev could not be removed")

    def test_a_kernel_message_on_half_a_line(self):
        half = GOOD.replace("ok 3 attr.bytes", "ok 3 attr.bytes[    3.200000] mtty: hello")
        code, out = self.report(ours=half)
        self.assertEqual(code, 0, out)

    def test_a_known_problem(self):
        bad = BAD.replace("@@TEST attr\n", "@@CORE ours old\n@@TEST attr\n")
        good = GOOD.replace("@@TEST attr\n", "@@CORE ours old\n@@TEST attr\n")
        line = "ours/old\t{}\tattr\tattr.b*\tthe driver's own\n"
        code, out = self.report(line.format("always"), ours=bad)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, "KNOWN .*attr.bytes failed.*the driver's own")
        self.assertEqual(out.splitlines()[-1], "1 passed, 0 failed, 2 skipped")
        # an entry for other drivers or another test does not match
        for other in (line.replace("/old", "/migrated"), line.replace("attr.b", "attr.c")):
            code, out = self.report(other.format("always"), ours=bad)
            self.assertEqual(code, 1, out)
        # a test that is listed as failing always, and passes
        code, out = self.report(line.format("always"), ours=good)
        self.assertEqual(code, 1, out)
        self.assertRegex(out, "FAIL .*attr.bytes passed")
        self.assertEqual(self.report(line.format("sometimes"), ours=good)[0], 0)
        # fields without tabs between them
        self.assertEqual(self.report("ours/old attr attr.bytes\n", ours=bad)[0], 2)

    def test_news_of_the_stock_column(self):
        bad = BAD.replace("@@TEST attr\n", "@@CORE own new\n@@TEST attr\n")
        code, out = self.report("own\talways\tattr\tattr.bytes\tK1\n", own=bad, ours=GOOD)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, "not counted: .*attr.bytes failed.*: K1")
        self.assertNotIn("NEWS", out)
        code, out = self.report("own\talways\tattr\tattr.name\tK1\n", own=bad, ours=GOOD)
        self.assertEqual(code, 0, out)
        self.assertRegex(out, "NEWS .*attr.bytes failed")
        self.assertRegex(out, "NEWS .*attr.name passed.*K1")

    def test_an_empty_or_missing_log(self):
        self.assertEqual(self.report(ours="")[0], 2)
        p = subprocess.run([REPORT, "a,ours=/nowhere/at/all"], capture_output=True)
        self.assertEqual(p.returncode, 2)


if __name__ == "__main__":
    unittest.main()
