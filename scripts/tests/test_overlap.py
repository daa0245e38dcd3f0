# SPDX-License-Identifier: GPL-2.0-only
"""The overlap check sees a copied run of lines, and lets a short one pass."""
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from static import overlap
from static.tracked import text
from lib.common import CannotRun

FILE = "drivers/vfio/mdev/mdev_core.c"


class Overlap(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.mkdtemp(prefix="test_overlap.")
        self.addCleanup(shutil.rmtree, self.tree)

    def put(self, lines):
        path = os.path.join(self.tree, FILE)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write("\n".join(lines))

    def lines(self, number):
        return [line for _, line in overlap.significant(text(FILE))][:number]

    def test_a_copied_run_is_seen(self):
        self.put(["int before;", *self.lines(overlap.LIMIT), "int after;"])
        self.assertIn(f"{overlap.LIMIT} lines stand in {FILE}:2", overlap.wrong(self.tree))

    def test_a_shorter_run_is_a_coincidence(self):
        self.put(self.lines(overlap.LIMIT - 1))
        self.assertIsNone(overlap.wrong(self.tree))

    def test_white_space_and_comments_hide_nothing(self):
        self.put(["\t /* a\n b */ " + line.replace(" ", "   ")
                  for line in self.lines(overlap.LIMIT)])
        self.assertIsNotNone(overlap.wrong(self.tree))

    def test_a_folder_that_is_no_kernel_could_not_be_compared(self):
        with self.assertRaises(CannotRun):
            overlap.wrong(self.tree)


if __name__ == "__main__":
    unittest.main()
