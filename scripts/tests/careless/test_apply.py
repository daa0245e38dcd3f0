# SPDX-License-Identifier: GPL-2.0-only
"""make apply DIR= in a tree that somebody works in: nothing of theirs is lost, all or nothing."""
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from lib.common import TOP, series  # noqa: E402
from series import edited  # noqa: E402

CORE = "drivers/vfio/mdev/mdev_core.c"
SAMPLE = "samples/vfio-mdev/mtty.c"
GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C"]


def looked_at():
    """Files of a tree that a condition or a line to append needs."""
    keys = ("has", "lacks", "install.lacks", "append")
    return {step[k].split()[0] for step in series().values() for k in keys if k in step}


class Apply(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.build, self.tree = os.path.join(tmp.name, "build"), os.path.join(tmp.name, "linux")
        for name in sorted({*looked_at(), CORE, "Kconfig", "kernel/Makefile"}):
            self.put(name, "/* kzalloc_obj */\n")
        self.put("include/linux/mdev.h", "int mdev_register_parent(struct mdev_parent *);\n")
        self.put("include/linux/vfio.h", "int vfio_register_emulated_iommu_dev(void *);\n"
                 "void *_vfio_alloc_device(size_t);\nget_region_info_caps\n")
        self.put("Makefile", "VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\nEXTRAVERSION =\n")
        for folder, _, names in os.walk(self.tree):
            for name in names:
                os.utime(os.path.join(folder, name), (1e9, 1e9))

    def put(self, name, text):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    def commit(self):
        for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "base"]):
            subprocess.run([*GIT, self.tree, *args], check=True)

    def state(self):
        """{file: content} of the tree, without git's own."""
        found = {}
        for folder, folders, names in os.walk(self.tree):
            folders[:] = [d for d in folders if d != ".git"]
            for name in names:
                with open(os.path.join(folder, name)) as f:
                    found[os.path.relpath(os.path.join(folder, name), self.tree)] = f.read()
        return found

    def apply(self, code, *words, **env):
        before = self.state()
        p = subprocess.run([os.path.join(SCRIPTS, "series/apply"), "--in-place", self.tree,
                            "--checked"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                           env={**os.environ, "O": self.build, "FORCE": "", **env})
        self.assertEqual(p.returncode, code, p.stderr)
        for word in words:
            self.assertIn(word, p.stderr)
        if code:
            self.assertEqual(self.state(), before)

    def test_a_clean_tree(self):
        self.commit()
        self.apply(0, "Linux 7.3.4", "step 1 of", "files of", "were changed")
        with open(os.path.join(TOP, CORE)) as f:
            self.assertEqual(self.state()[CORE], f.read())
        self.apply(0, "has the series already")

    def test_an_edited_file_is_not_overwritten(self):
        self.commit()
        self.put(CORE, "my work\n")
        self.apply(2, CORE, "FORCE=1", "nothing was written")
        self.apply(0, FORCE="1")
        self.assertNotIn("my work", self.state()[CORE])

    def test_an_untracked_file_is_not_deleted(self):
        self.commit()
        self.put("drivers/vfio/mdev/mine.c", "int mine;\n")
        self.apply(2, "drivers/vfio/mdev/mine.c")

    def test_an_edited_file_of_a_tree_without_git(self):
        self.put(CORE, "my work\n")
        self.apply(2, CORE)

    def test_an_unpacked_tree_without_git(self):
        self.apply(0, "were changed")

    def test_a_tree_that_is_a_folder_of_a_repository(self):
        self.commit()
        os.rename(self.tree, self.tree + "2")
        os.makedirs(self.tree)
        os.rename(self.tree + "2", os.path.join(self.tree, "linux"))
        os.rename(os.path.join(self.tree, "linux/.git"), os.path.join(self.tree, ".git"))
        subprocess.run([*GIT, self.tree, "add", "-A"], check=True)
        subprocess.run([*GIT, self.tree, "commit", "-qm", "moved"], check=True)
        self.tree = os.path.join(self.tree, "linux")
        self.put(CORE, "my work\n")
        self.apply(2, CORE)

    def test_what_the_series_wrote_is_written_again(self):
        self.commit()
        self.apply(0)
        # as after an update of this project: the file differs and is on record
        self.put(CORE, "an older version\n")
        self.apply(2, CORE)
        with mock.patch.object(edited, "BUILD", self.build):
            edited.remember(self.tree, [CORE])
        self.apply(0, "1 files of")

    def test_a_late_step_fails(self):
        self.put(SAMPLE, "static struct mdev_driver mtty_driver = {\n\t.max_instances = 24,\n"
                         "\t.get_available = mtty_get_available, {{{\n")
        os.utime(os.path.join(self.tree, SAMPLE), (1e9, 1e9))
        self.apply(2, SAMPLE)

    def test_not_a_tree(self):
        os.unlink(os.path.join(self.tree, "Kconfig"))
        self.apply(2, "is not a kernel source: it has no Kconfig")

    def test_a_tree_that_lacks_a_feature(self):
        self.put("include/linux/mdev.h", "int mdev_register_device(struct mdev_driver *);\n")
        self.apply(2, "is not supported: its <linux/mdev.h> has neither mdev_register_parent()")

    def test_a_tree_of_before(self):
        self.put("Makefile", "VERSION = 4\nPATCHLEVEL = 19\n")
        self.apply(2, "Linux 4.19.0", "5.10 is the oldest supported")


if __name__ == "__main__":
    unittest.main()
