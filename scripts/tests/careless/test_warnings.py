# SPDX-License-Identifier: GPL-2.0-only
"""A warning is reported by every make until the code changes, however the first one ended."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from build.kbuild import judged  # noqa: E402
from lib.common import CannotRun  # noqa: E402

MAKEFILE = """
a.o: a.c
	@echo "  CC [M]  a.o"; grep warning: a.c || true; touch a.o
b.o: b.c
	@grep error b.c && exit 1 || touch b.o
all: a.o b.o
"""
WARNING = "drivers/vfio/mdev/a.c:3:12: warning: 'f' defined but not used\n"


class Warnings(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.top = tmp.name
        self.put("Makefile", MAKEFILE)
        self.put("a.c", WARNING)
        self.put("b.c", "")

    def put(self, name, text):
        with open(os.path.join(self.top, name), "w") as f:
            f.write(text)
        # make compares time stamps in the grain of the file system
        os.utime(os.path.join(self.top, name), (1e9, 1e9))

    def build(self):
        """The verdict, and what was said."""
        said = io.StringIO()
        log = os.path.join(self.top, "build.log")
        with contextlib.redirect_stderr(said):
            code = judged([["make", "-C", self.top, "all"]], log, "building", [self.top])
        return code, said.getvalue()

    def test_it_is_not_forgotten(self):
        for _ in range(3):
            code, said = self.build()
            self.assertEqual(code, 1)
            self.assertIn("defined but not used", said)

    def test_it_goes_when_the_code_changes(self):
        self.build()
        self.put("a.c", "fixed\n")
        self.assertEqual(self.build(), (0, ""))
        # and nothing is compiled again after that
        self.build()
        with open(os.path.join(self.top, "build.log")) as f:
            self.assertNotIn("CC [M]", f.read())

    def test_it_is_not_forgotten_after_a_build_that_failed(self):
        self.put("b.c", "error\n")
        with self.assertRaises(CannotRun):
            self.build()
        self.put("b.c", "")
        self.assertEqual(self.build()[0], 1)

    def test_headers_of_the_kernel_are_not_this_projects(self):
        self.put("a.c", "/usr/src/linux/include/linux/mm.h:1:2: warning: x\n")
        self.assertEqual(self.build(), (0, ""))
        self.put("a.c", "../include/linux/mdev.h:1:2: warning: x\n")
        os.unlink(os.path.join(self.top, "a.o"))
        self.assertEqual(self.build()[0], 1)


if __name__ == "__main__":
    unittest.main()
