# SPDX-License-Identifier: GPL-2.0-only
"""Files of a user are replaced all or none, and keep what is not their content."""
import os
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from lib import files  # noqa: E402


class ReplaceAll(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.top = tmp.name
        for name in ("a", "b"):
            with open(self.path(name), "w") as f:
                f.write("old\n")

    def path(self, name):
        return os.path.join(self.top, name)

    def state(self):
        found = {}
        for name in sorted(os.listdir(self.top)):
            with open(self.path(name)) as f:
                found[name] = f.read()
        return found

    def test_new_changed_and_deleted_files(self):
        files.replace_all({self.path("a"): "new\n", self.path("b"): None, self.path("c/d"): b"x"})
        self.assertEqual(sorted(os.listdir(self.top)), ["a", "c"])
        self.assertEqual(files.content(self.path("c/d")), b"x")
        # a file that is gone already
        files.replace_all({self.path("b"): None})

    def test_all_or_none(self):
        before = self.state()
        for error in (OSError(28, "No space left on device"), KeyboardInterrupt()):
            with mock.patch("shutil.copymode", side_effect=[None, error]), \
                 self.assertRaises(type(error)):
                files.replace_all({self.path("a"): "new\n", self.path("b"): "new\n"})
            self.assertEqual(self.state(), before)

    def test_a_file_with_this_content_stays(self):
        inode = os.stat(self.path("a")).st_ino
        files.replace_all({self.path("a"): "old\n"})
        self.assertEqual(os.stat(self.path("a")).st_ino, inode)

    def test_a_hard_link_keeps_the_old_content(self):
        os.link(self.path("a"), self.path("c"))
        files.replace_all({self.path("a"): "new\n"})
        self.assertEqual(self.state(), {"a": "new\n", "b": "old\n", "c": "old\n"})

    def test_mode_and_symbolic_link_stay(self):
        os.chmod(self.path("a"), 0o640)
        os.symlink("a", self.path("c"))
        files.replace_all({self.path("c"): "new\n"})
        self.assertTrue(os.path.islink(self.path("c")))
        self.assertEqual(os.stat(self.path("a")).st_mode & 0o777, 0o640)
        self.assertEqual(self.state()["a"], "new\n")


if __name__ == "__main__":
    unittest.main()
