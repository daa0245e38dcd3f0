# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/report/reached.py: lines that no test reaches, and the reasons for them."""
import collections
import os
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from lib.common import CannotRun  # noqa: E402
from report import reached  # noqa: E402

SOURCE = "int f(void)\n{\n\tif (bad)\n\t\treturn -ENOMEM;\n\treturn 0;\n}\n"


def found(**counts):
    """{file: {number: Line}} of the file a.c; @counts: l4=0 for the line 4."""
    lines = collections.defaultdict(reached.Line)
    for name, count in counts.items():
        lines[int(name[1:])].add({"function_name": "f", "count": count,
                                  "branches": [{"count": count}, {"count": 0}]})
    return {"a.c": lines}


class Judge(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        os.makedirs(os.path.join(self.top.name, reached.SOURCES))
        with open(os.path.join(self.top.name, reached.SOURCES, "a.c"), "w") as f:
            f.write(SOURCE)
        patch = mock.patch.object(reached, "TOP", self.top.name)
        patch.start()
        self.addCleanup(patch.stop)

    def judge(self, lines, *entries, least=0):
        with mock.patch.object(reached, "LEAST", least):
            return list(reached.judge(lines, [reached.Reason(*e) for e in entries]))

    def test_a_line_without_a_reason_fails(self):
        lines = self.judge(found(l3=1, l4=0, l5=1))
        self.assertIn("FAIL a.c:4: f: not reached, and no reason is given: return -ENOMEM;", lines)
        self.assertIn("gcov: 66.7 % of 3 lines, 33.3 % of 6 branches; 1 line not reached, 0 of "
                      "them with a reason", lines)

    def test_a_reason_is_found_by_the_text(self):
        entry = ("a.c", "always", "f", "return -E*;", "no memory is short here")
        lines = self.judge(found(l3=1, l4=0, l5=1), entry)
        self.assertFalse([x for x in lines if x.startswith("FAIL")])
        self.assertIn("# a.c:4: return -ENOMEM;: no memory is short here", lines)

    def test_a_reason_that_is_not_needed_fails_unless_it_is_needed_sometimes(self):
        for often, bad in ("always", 1), ("sometimes", 0):
            entry = ("a.c", often, "f", "return -ENOMEM;", "x")
            lines = self.judge(found(l3=1, l4=1, l5=1), entry)
            self.assertEqual(sum(x.startswith("FAIL") for x in lines), bad)

    def test_too_few_lines_fail(self):
        entry = ("a.c", "always", "f", "*", "x")
        lines = self.judge(found(l3=1, l4=0, l5=0), entry, least=50)
        self.assertIn("FAIL fewer than 50 percent of the lines are reached", lines)


class Log(unittest.TestCase):
    def test_a_log_without_counts_cannot_be_judged(self):
        for text in "@@GUEST end 0\n", "@@GCOV AAAA\n":
            with tempfile.TemporaryDirectory() as folder:
                log = os.path.join(folder, "log")
                with open(log, "w") as f:
                    f.write(text)
                with self.assertRaises(CannotRun):
                    reached.counts_of(log, folder)


if __name__ == "__main__":
    unittest.main()
