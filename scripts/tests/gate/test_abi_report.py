# SPDX-License-Identifier: GPL-2.0-only
"""The report of the ABI gate: verdicts, exit codes, text and JSON."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
import abi.read.dump
import abi.report
import abi.judge.users
from abi.compare.change import REBUILD, SOURCE, Change


class Report(unittest.TestCase):
    def test_verdicts(self):
        r = abi.report.Result("t")
        self.assertEqual(r.verdict(), "same")
        r.additions = ["f"]
        self.assertEqual(r.verdict(), "additions only")
        c = Change("export f", ["removed"], SOURCE, ["-f"], ["f"])
        r.changes = [c]
        self.assertEqual(r.verdict(), "changed")
        self.assertTrue(abi.report.text([r]).startswith("abi-check: changed\n"))
        c.suppressed = "why"
        self.assertEqual(r.verdict(), "additions only")

    def test_unread(self):
        """A part that was not read outweighs "same", and not "changed"."""
        r = abi.report.Result("t")
        r.unread, r.compared = ["a.ko: no type of export f"], {"exports": (0, 1)}
        text = abi.report.text([r])
        self.assertTrue(text.startswith("abi-check: could not run: a.ko: no type of export f\n"))
        self.assertIn("compared: exports 0 of 1 typed", text)
        self.assertEqual(abi.report.CODES[abi.report.overall([r, abi.report.Result("u")])], 2)
        r.changes = [Change("export g", ["removed"], SOURCE)]
        self.assertTrue(abi.report.text([r]).startswith(
            "abi-check: changed\nnot read: a.ko: no type of export f\n"))
        self.assertEqual(abi.report.CODES[r.verdict()], 1)

    def test_every_part(self):
        """Text and JSON have every part of a change."""
        r = abi.report.Result("6.12 x86")
        c = Change("struct s", ["member a removed"], SOURCE, ["-\tint a;"], ["f", "g"])
        c.against, c.drivers, c.loader = "the baseline", ["drivers/x.c"], "nobody notices"
        c.patches = [("cocci/p.cocci", "drops a")]
        r.changes = [c]
        text = abi.report.text([r])
        for line in ("struct s: member a removed", "against   the baseline", "  -\tint a;",
                     "reaches   f, g", "drivers   drivers/x.c",
                     "needs     a change of the drivers' source",
                     "patch     cocci/p.cocci (drops a)", "loader    nobody notices"):
            self.assertIn(line, text)
        said = json.loads(abi.report.as_json([r], {}))["results"][0]["changes"][0]
        self.assertEqual(said, {"subject": "struct s", "facts": ["member a removed"],
                                "against": "the baseline", "diff": ["-\tint a;"],
                                "exports": ["f", "g"], "drivers": ["drivers/x.c"],
                                "needs": "source", "patches": ["cocci/p.cocci"],
                                "loader": "nobody notices", "intended": "", "level": "fail",
                                "advice": ""})
        c.effect = REBUILD
        self.assertIn("needs     a rebuild of the drivers; their source stays as it is",
                      abi.report.text([r]))

    def test_patches(self):
        """A patch is named for a member that it removes from the struct, not for a mere word."""
        def named(*args):
            return [os.path.basename(p) for p, _ in abi.judge.users.patches(*args)]
        self.assertIn("budget.cocci", named("struct mdev_driver", {"mdev_driver", "get_available"}))
        self.assertIn("budget.cocci",
                      named("export mdev_register_parent", {"mdev_register_parent"}))
        self.assertEqual(named("struct mdev_driver", {"mdev_driver", "goto", "show"}), [])
        self.assertEqual(named("struct not_ours", {"not_ours", "get_available"}), [])

    def test_paths_go(self):
        self.assertEqual(abi.read.dump.clean("<abi-instr path='/a/b/c.c' x='1'>"),
                         "<abi-instr path='c.c' x='1'>")


if __name__ == "__main__":
    unittest.main()
