# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/report/support.py: a row shows its own results and no others."""
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib.common import CannotRun  # noqa: E402
from report import support  # noqa: E402

LOG = """@@GUEST start {} column=ours
@@CORE ours new
@@TEST attr
TAP version 13
1..2
ok 1 attr.name
{} 2 attr.type
@@DONE attr {}
@@GUEST end {}
"""


class Support(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        for name in ("ROWS", "LOGS"):
            patched = mock.patch.object(support, name, os.path.join(tmp.name, name))
            patched.start()
            self.addCleanup(patched.stop)

    def log(self, name, release, good=True):
        path = os.path.join(support.LOGS, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(LOG.format(release, "ok" if good else "not ok", int(not good), int(not good)))

    def row(self, *key):
        """The cells after the key (series, architecture, flavour, way)."""
        return next(r[4:] for r in support.table()[0] if tuple(r[:4]) == key)

    def test_a_flavour_is_a_row(self):
        support.remember("6.12-rt", "x86", "out-of-tree", "6.12.117-1~deb12u1", "yes", "same")
        self.log("mdev-6.12-rt-x86-debian-ours.log", "6.12.117+deb12-rt-amd64")
        self.assertEqual(self.row("6.12", "x86", "rt", "out of tree"),
                         ["6.12.117-1~deb12u1", "yes", "same", "mdev debian: 2 passed"])
        self.assertEqual(self.row("6.12", "x86", "generic", "out of tree"), ["-"] * 4)

    def test_both_suites_and_all_boots_of_one(self):
        support.remember("6.12", "s390", "out-of-tree", "6.12.95-1~bpo12+1", "yes", "same")
        self.log("mdev-6.12-s390-debian-ours.log", "6.12.95+deb12-s390x")
        for name in ("io", "life+race", "reboot:open"):
            self.log(f"vfio_ccw-6.12-s390-debian/ours-{name}.log", "6.12.95+deb12-s390x")
        self.assertEqual(self.row("6.12", "s390", "generic", "out of tree")[3],
                         "mdev debian: 2 passed; vfio_ccw debian: 4 passed")

    def test_a_kernel_whose_release_does_not_tell(self):
        for version, seen in ("6.1.192-2", "mdev debian: 2 passed"), ("6.1.192-1", "-"):
            support.remember("6.1", "x86", "out-of-tree", version, "yes", "same")
            self.log("mdev-6.1-x86-debian-ours.log", "6.1.0-56-amd64")
            with open(os.path.join(support.LOGS, "mdev-6.1-x86-debian-ours.log"), "a") as f:
                f.write("[    0.0] Linux version 6.1.0-56-amd64 (gcc) #1 Debian 6.1.192-2 (2026)\n")
            self.assertEqual(self.row("6.1", "x86", "generic", "out of tree")[3], seen)

    def test_a_failure_is_shown(self):
        support.remember("7.3", "x86", "in-tree", "7.3.4-1~bpo13+1", "warnings", "changed")
        self.log("mdev-7.3-x86-kasan-ours.log", "7.3.4", good=False)
        self.assertEqual(self.row("7.3", "x86", "generic", "in tree")[1:],
                         ["warnings", "changed", "mdev kasan: 1 passed, 1 FAILED"])

    def test_another_version_stock_and_seeded_bugs_do_not_count(self):
        support.remember("7.3", "x86", "in-tree", "7.3.4-1~bpo13+1", "yes", "same")
        self.log("mdev-7.3-x86-kasan-ours.log", "7.3.40")
        self.log("mdev-7.3-x86-lock-own.log", "7.3.4")
        self.log("mdev-mutation-7.3-x86-lock-ours.log", "7.3.4")
        self.assertEqual(self.row("7.3", "x86", "generic", "in tree")[3], "-")

    def test_no_result_is_no_page(self):
        with self.assertRaises(CannotRun):
            support.need_results(support.table()[0])
        self.log("mdev-6.12-rt-x86-debian-ours.log", "6.12.117+deb12-rt-amd64")
        self.assertIn("Nothing was built", support.as_text(*support.table()))

    def test_the_page_tells_when_and_what(self):
        support.remember("6.12", "x86", "out-of-tree", "6.12.117-1", "yes", "same")
        page = support.as_page(*support.table())
        self.assertRegex(page, r"Results of \d{4}-\d\d-\d\d; built at ")
        self.assertIn("   * - 6.12\n     - x86\n     - generic\n", page)


if __name__ == "__main__":
    unittest.main()
