# SPDX-License-Identifier: GPL-2.0-only
"""The table of what the ABI gate compares is in the documentation, and seeded changes prove it."""
import fnmatch
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from abi.formats.coverage import KINDS, NO, READ, ROWS, kinds, table
from check.gate.bench import mutations
from lib.common import TOP

MUST_PASS = ("same", "additions only", "allowed changes")


class Coverage(unittest.TestCase):
    def test_documented(self):
        """cd scripts && python3 -m abi.formats.coverage prints the tables anew."""
        with open(os.path.join(TOP, "Documentation/abi.rst")) as f:
            text = f.read()
        self.assertIn(table(), text)
        self.assertIn(kinds(), text)

    def test_proved(self):
        caught = [n for n, m in mutations().items() if m["verdict"] not in MUST_PASS]
        for part, probe, pair, seeds in ROWS:
            if "yes" in (probe, pair) or seeds:
                for pattern in seeds.split() or ["nothing"]:
                    self.assertTrue(fnmatch.filter(caught, pattern), f"{part}: {pattern}")

    def test_kinds_of_debug_info(self):
        found = mutations()
        for kind, answer, seeds in KINDS:
            for pattern in seeds.split():
                names = fnmatch.filter(found, pattern)
                said = {found[n]["verdict"] for n in names}
                expected = "changed" if answer == READ else answer
                self.assertEqual(said, {expected}, f"{kind}: {pattern}")

    def test_enough(self):
        found = mutations()
        self.assertGreaterEqual(len(found), 150)
        self.assertGreaterEqual(sum(m["verdict"] in MUST_PASS for m in found.values()), 30)
        for name, m in found.items():
            said = m.get("cause", "") + m.get("unread", "")
            self.assertEqual(m["verdict"] in MUST_PASS, not said.strip(), name)

    def test_no_promise_for_both(self):
        self.assertTrue(any(r[1] == r[2] == NO for r in ROWS))


if __name__ == "__main__":
    unittest.main()
