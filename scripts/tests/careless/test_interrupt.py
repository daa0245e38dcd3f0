# SPDX-License-Identifier: GPL-2.0-only
"""An interrupt ends what a program has started; unfinished folders go at the next run."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from lib import base, files  # noqa: E402
from lib.common import CannotRun, call, remedy, run, whole  # noqa: E402

PROGRAM = """
import sys
sys.path.insert(0, {scripts!r})
from lib.common import main, run, whole
def go():
    with whole({path!r}) as tmp:
        run(["sh", "-c", "echo $$; sleep 60 | cat; exit"])
main(go)
"""


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Interrupt(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        self.path = os.path.join(self.tmp.name, "folder")

    def start(self):
        """The program in the middle of its work, and the process group of what it started."""
        code = PROGRAM.format(scripts=SCRIPTS, path=self.path)
        p = subprocess.Popen([sys.executable, "-c", code],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.stderr.close)
        return p, int(p.stdout.readline())

    def test_signals_end_the_children(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            p, group = self.start()
            p.send_signal(number)
            self.assertEqual(p.wait(10), 2)
            self.assertIn("interrupted; rerun to continue", p.stderr.read())
            self.assertFalse(alive(group))
            self.assertEqual(os.listdir(self.tmp.name), [])

    def test_what_a_killed_program_left_goes_at_the_next_run(self):
        p, group = self.start()
        p.kill()
        p.wait()
        left = os.listdir(self.tmp.name)
        self.assertTrue(left[0].startswith("folder" + files.PART), left)
        other = os.path.join(self.tmp.name, "other")
        with whole(other):
            self.assertNotIn(left[0], os.listdir(self.tmp.name))
        self.assertEqual(os.listdir(self.tmp.name), ["other"])
        os.killpg(group, signal.SIGKILL)

    def test_what_a_live_program_fills_stays(self):
        with whole(self.path) as tmp, whole(self.path + "2"):
            self.assertTrue(os.path.isdir(tmp))
        self.assertEqual(sorted(os.listdir(self.tmp.name)), ["folder", "folder2"])


class Messages(unittest.TestCase):
    def test_a_full_disk_says_what_frees_it(self):
        full = OSError(28, "No space left on device", os.path.join(base.CACHE, "debs/x.deb"))
        self.assertIn(f"{base.CACHE} is the cache", remedy(full))
        self.assertIn("make clean does not empty it", remedy(full))
        full.filename = os.path.join(base.OUT, "log/x")
        self.assertIn("make clean deletes build/ and out/", remedy(full))

    def test_a_command_on_a_full_disk(self):
        full = shutil.disk_usage("/")._replace(free=0)
        with mock.patch("shutil.disk_usage", return_value=full), \
             self.assertRaisesRegex(CannotRun, "(?s)false failed.*is full: .*is the cache"):
            run(["false"])
        with self.assertRaises(CannotRun) as caught:
            run(["false"])
        self.assertNotIn("is full", str(caught.exception))

    def test_too_little_space_is_said_before_the_work(self):
        with self.assertRaisesRegex(CannotRun, "cache of packages"):
            files.need_space(base.CACHE, 1 << 40, "a test")

    def test_make_is_not_inherited(self):
        """kbuild would take O= from the MAKEFLAGS of the make that a person typed."""
        code = ("import os, sys; sys.path.insert(0, sys.argv[1]); import lib.common; "
                "print([n for n in os.environ if n.startswith(('MAKE', 'MFLAGS'))])")
        p = subprocess.run([sys.executable, "-c", code, SCRIPTS], capture_output=True, text=True,
                           check=True, env={**os.environ, "MAKEFLAGS": "-- O=/x",
                                            "MAKELEVEL": "1", "MFLAGS": "-j"})
        self.assertEqual(p.stdout, "[]\n")

    def test_the_environment_of_a_kernel_developer(self):
        """kbuild, git and the programs whose messages are read see none of it."""
        theirs = {"KBUILD_OUTPUT": "/x", "M": "/x", "LLVM": "1", "KBUILD_EXTRA_SYMBOLS": "/x",
                  "LOCALVERSION": "-mine", "KCONFIG_CONFIG": "/x", "CDPATH": "/x",
                  "GIT_DIR": "/x/.git", "GIT_INDEX_FILE": "/x", "LANG": "de_DE.UTF-8",
                  "LC_ALL": "de_DE.UTF-8", "LC_MESSAGES": "de_DE.UTF-8", "LANGUAGE": "de:en"}
        code = ("import sys; sys.path.insert(0, sys.argv[1]); "
                "from lib.common import output; print(output(['env']))")
        p = subprocess.run([sys.executable, "-c", code, SCRIPTS], capture_output=True, text=True,
                           check=True, env={**os.environ, **theirs})
        left = dict(x.split("=", 1) for x in p.stdout.splitlines() if "=" in x)
        self.assertEqual([n for n in theirs if left.get(n) == theirs[n]], [])
        self.assertEqual((left["LANG"], left["LC_ALL"]), ("C.UTF-8", "C.UTF-8"))

    def test_an_exit_code_reaches_the_caller(self):
        self.assertEqual(call("tree/fetch", "--help")[0], 0)
        start = time.monotonic()
        code = call("tree/fetch", "source", "9.9", "x86", stderr=subprocess.DEVNULL)[0]
        self.assertEqual(code, 2)
        self.assertLess(time.monotonic() - start, 5)


if __name__ == "__main__":
    unittest.main()
