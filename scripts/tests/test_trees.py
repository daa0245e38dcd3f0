# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/tree/trees.py and folder.py: names of trees, flavours, rows, packages."""
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from build.kbuild import kbuild_args  # noqa: E402
from lib.common import CannotRun  # noqa: E402
from lib.loading import as_module  # noqa: E402
from migrate.patches import write_files  # noqa: E402
from tree import folder, trees  # noqa: E402

SERIES = ["7.3", "7.2", "6.12", "6.1", "5.10"]
X86 = ('CONFIG_X86=y\nCONFIG_MODULES=y\nCONFIG_VFIO=m\n'
       'CONFIG_CC_VERSION_TEXT="Debian clang version 14.0.6"\n')


class Headers(unittest.TestCase):
    def test_moved_checkout(self):
        """Headers lead to their common part after the checkout moved, and after another one had
        unpacked them."""
        fetch = as_module("tree/fetch")
        with tempfile.TemporaryDirectory() as top:
            for was in ("/usr/src", "/home/a/mdev/build/headers/9/usr/src"):
                first, second = (os.path.join(top, was.strip("/").replace("/", "-"), x)
                                 for x in ("first", "second"))
                makefile = "usr/src/linux-headers-9-x86/Makefile"
                write_files(first, {"usr/src/linux-headers-9-common/Makefile": "all:\n\t@pwd\n",
                                    makefile: f"include {was}/linux-headers-9-common/Makefile\n"})
                fetch.relocate(os.path.join(first, makefile))
                os.rename(first, second)
                for where in ("-C", os.path.dirname(makefile)), ("-f", makefile):
                    p = subprocess.run(["make", "-s", *where], cwd=second, capture_output=True,
                                       text=True)
                    self.assertEqual(("", 0), (p.stderr, p.returncode))


class Names(unittest.TestCase):
    def setUp(self):
        for name in ("KSRC", "KDIR"):
            os.environ.pop(name, None)

    def test_expand(self):
        self.assertEqual(trees.expand([]), ["7.3", "6.12"])
        self.assertEqual(trees.expand(["6.12-rt", "5.10"]), ["6.12-rt", "5.10"])
        self.assertEqual(trees.expand(["all"]),
                         [t + f for t in SERIES for f in ("", "-cloud", "-rt")])

    def test_unknown_names(self):
        with self.assertRaisesRegex(CannotRun, "no tree '9.9'.*choose from: 7.3"):
            trees.expand(["9.9"])
        with self.assertRaisesRegex(CannotRun, "no flavour 'foo'.*choose from: cloud rt"):
            trees.expand(["6.12-foo"])

    def test_rows(self):
        self.assertEqual(trees.rows(["7.3", "6.12-rt"], ["x86", "s390"]),
                         [("7.3", "x86", "in-tree"), ("7.3", "s390", "in-tree"),
                          ("6.12-rt", "x86", "out-of-tree")])
        self.assertEqual(trees.rows(["5.10"], ["x86", "s390"]),
                         [("5.10", "x86", "out-of-tree"), ("5.10", "x86", "in-tree"),
                          ("5.10", "s390", "in-tree")])
        self.assertEqual(trees.rows(["5.10-rt"], ["x86"]), [("5.10-rt", "x86", "out-of-tree")])
        with self.assertRaisesRegex(CannotRun, "nothing to build: 6.12-rt and s390"):
            trees.rows(["6.12-rt"], ["s390"])

    def test_packages(self):
        """A pattern takes the headers of its own flavour alone."""
        there = ["linux-headers-6.12.117+deb12-amd64", "linux-headers-6.12.117+deb12-cloud-amd64",
                 "linux-headers-6.12.117+deb12-rt-amd64", "linux-headers-6.12.117+deb12-common",
                 "linux-headers-6.12-amd64", "linux-headers-6.1.0-56-amd64"]
        for tree, wanted in (("6.12", there[0]), ("6.12-cloud", there[1]), ("6.12-rt", there[2]),
                             ("6.1", there[5])):
            pattern = trees.headers_package(tree, "x86").removesuffix(":amd64")
            self.assertEqual(fnmatch.filter(there, pattern), [wanted])

    def test_baselines(self):
        """A tree that says so has its files, and a tree that has them says so."""
        for tree in SERIES:
            there = os.path.exists(os.path.join(os.path.dirname(SCRIPTS),
                                                f"abi/baseline/{tree}/x86.abi"))
            self.assertEqual(trees.has_baseline(tree), there, tree)
        self.assertFalse(trees.has_baseline("6.12-rt"))


class Folders(unittest.TestCase):
    def folder(self, config, version="6.6.3"):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        for name, text in (("Makefile", ""), ("include/config/kernel.release", version + "\n"),
                           ("include/config/auto.conf", config)):
            os.makedirs(os.path.dirname(os.path.join(tmp.name, name)), exist_ok=True)
            with open(os.path.join(tmp.name, name), "w") as f:
                f.write(text)
        return tmp.name

    def test_a_kernel_that_clang_built(self):
        path = self.folder(X86 + "CONFIG_CC_IS_CLANG=y\n")
        for there, llvm in (((), "LLVM=1"), (("clang-14", "ld.lld-14"), "LLVM=-14"),
                            (("clang-15", "ld.lld-15", "clang"), "LLVM=1")):
            with mock.patch("shutil.which", side_effect=lambda n, t=there: n if n in t else None):
                self.assertIn(llvm, kbuild_args("x86", path))
        self.assertNotIn("LLVM=1", kbuild_args("x86", self.folder(X86)))
        with mock.patch("shutil.which", return_value="/usr/bin/clang"):
            self.assertIn("clang 14.0.6", folder.look(path, "KDIR").describe())
        with mock.patch("shutil.which", return_value=None), \
             self.assertRaisesRegex(CannotRun, "built by clang 14.0.6, which this machine lacks"):
            folder.look(self.folder(X86 + "CONFIG_CC_IS_CLANG=y\n"), "KDIR")

    def test_a_folder_decides_tree_and_architecture(self):
        path = self.folder(X86)
        with mock.patch.dict(os.environ, {"KDIR": path}):
            self.assertEqual(trees.expand([]), ["6.6"])
            self.assertEqual(trees.rows(["6.6"], ["x86", "s390"]), [("6.6", "x86", "out-of-tree")])
            self.assertTrue(trees.has_baseline("6.12"))
            with self.assertRaisesRegex(CannotRun, "is Linux 6.6.3, which is not 6.12"):
                trees.expand(["6.12"])

    def test_a_folder_has_its_own_configuration_and_no_baseline(self):
        with mock.patch.dict(os.environ, {"KDIR": self.folder(X86, "6.12.9")}):
            self.assertFalse(trees.has_baseline("6.12"))
            self.assertTrue(trees.has_baseline("7.3"))

    def test_versions(self):
        for version, said in (("6.12.9", "supported, 6.12 is tested"),
                              ("6.6.3-rt", "not tested, 6.1 and 6.12 are"),
                              ("8.0.0", "not tested, 7.3 is the newest tested")):
            self.assertIn(said, folder.look(self.folder(X86, version), "KDIR").describe())
        with self.assertRaisesRegex(CannotRun, "5.10 is the oldest supported"):
            folder.look(self.folder(X86, "5.4.1"), "KDIR")



if __name__ == "__main__":
    unittest.main()
