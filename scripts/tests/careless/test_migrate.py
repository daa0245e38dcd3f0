# SPDX-License-Identifier: GPL-2.0-only
"""make migrate over files as people have them: edited, unreadable, with odd names."""
import os
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
DRIVER = os.path.join(TOP, "cocci/tests/api_attr.c")
GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C"]


class Files(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.mkdtemp(prefix="test_careless.")
        self.addCleanup(shutil.rmtree, self.tmp)

    def put(self, name, change=lambda data: data):
        path = os.path.join(self.tmp, name)
        with open(DRIVER, "rb") as f, open(path, "wb") as out:
            out.write(change(f.read()))
        return path

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def migrate(self, *args, cwd=None, **env):
        return subprocess.run([os.path.join(TOP, "scripts/migrate/migrate"), *args],
                              capture_output=True, cwd=cwd, env={**os.environ, "FORCE": "", **env})

    def git(self, *args):
        subprocess.run([*GIT, self.tmp, *args], check=True, stdout=subprocess.DEVNULL)

    def test_uncommitted_work_is_not_mixed_with_the_change(self):
        path = self.put("driver.c")
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "base")
        with open(path, "a") as f:
            f.write("/* my work */\n")
        before = self.read(path)
        p = self.migrate("--in-place", self.tmp)
        self.assertEqual(p.returncode, 2, p.stderr)
        self.assertIn(b"uncommitted changes", p.stderr)
        self.assertIn(path.encode(), p.stderr)
        self.assertEqual(self.read(path), before)
        # a patch and the commit are fine, and so is the word of the user
        self.assertEqual(self.migrate(self.tmp).returncode, 0)
        self.assertEqual(self.migrate("--in-place", self.tmp, FORCE="1").returncode, 0)
        self.assertIn(b"my work", self.read(path))
        self.assertNotEqual(self.read(path), before)

    def test_a_committed_and_an_unknown_file_are_changed(self):
        path, other = self.put("driver.c"), self.put("other.c")
        self.git("init", "-q")
        self.git("add", "driver.c")
        self.git("commit", "-qm", "base")
        self.assertEqual(self.migrate("--in-place", self.tmp).returncode, 0)
        for name in (path, other):
            self.assertNotEqual(self.read(name), self.read(DRIVER))

    def test_odd_names(self):
        for name in ("a$HOME.c", "it's.c", 'a"b.c', "a b.c", "a;b.c", "-x.c", "\u00e4.c", "a*.c"):
            with self.subTest(name):
                path = self.put(name)
                p = self.migrate("--in-place", path)
                self.assertEqual(p.returncode, 0, p.stdout)
                self.assertNotEqual(self.read(path), self.read(DRIVER))

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root reads every file")
    def test_an_unreadable_file_is_no_answer(self):
        path = self.put("driver.c")
        os.chmod(self.tmp, 0o755)
        os.chmod(path, 0)
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        top = os.path.join(self.tmp, "top")
        for name in ("scripts", "cocci"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(top, name),
                            ignore=shutil.ignore_patterns("tests", "__pycache__"))
        p = subprocess.run([*(drop if os.geteuid() == 0 else []), "/usr/bin/python3",
                            os.path.join(top, "scripts/migrate/migrate"), self.tmp],
                           capture_output=True)
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn(b"driver.c: Permission denied", p.stderr)


if __name__ == "__main__":
    unittest.main()
