# SPDX-License-Identifier: GPL-2.0-only
"""make install and make uninstall beside files of others, in a folder for a made-up kernel."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from lib.common import CannotRun  # noqa: E402
from lib.loading import as_module  # noqa: E402

MODULE = '__attribute__((section(".modinfo"))) char magic[] = "vermagic=9.9.9 SMP";\n'
SIGNATURE = b"S" * 300


class Install(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.top, self.program = tmp.name, as_module("install/modules")
        self.updates = os.path.join(self.top, "root/lib/modules/9.9.9/updates")
        self.mdev = os.path.join(self.updates, "mdev.ko")
        os.makedirs(os.path.join(self.top, "out/modules"))
        subprocess.run(["gcc", "-c", "-x", "c", "-", "-o",
                        os.path.join(self.top, "out/modules/mdev.ko")],
                       input=MODULE, text=True, check=True)
        patched = mock.patch.object(self.program, "OUT", os.path.join(self.top, "out"))
        patched.start()
        self.addCleanup(patched.stop)

    def do(self, what, **env):
        """Run install or uninstall; what it said."""
        said = io.StringIO()
        env = {"KVER": "9.9.9", "DESTDIR": os.path.join(self.top, "root"), "KDIR": "",
               "INSTALL_MOD_PATH": "", "FORCE": "", **env}
        with mock.patch.dict(os.environ, env), contextlib.redirect_stderr(said), \
             contextlib.redirect_stdout(said):
            getattr(self.program, what)(self.program.Target())
        return said.getvalue()

    def put(self, text):
        os.makedirs(self.updates, exist_ok=True)
        with open(self.mdev, "w") as f:
            f.write(text)

    def test_there_and_gone(self):
        self.assertIn("depmod was not run", self.do("install"))
        self.assertEqual(sorted(os.listdir(self.updates)), ["mdev-lifecycle.json", "mdev.ko"])
        self.do("install")
        self.do("uninstall")
        self.assertFalse(os.path.exists(self.updates))
        self.assertIn("nothing of make install", self.do("uninstall"))

    def test_a_module_of_somebody_else(self):
        self.put("theirs")
        with self.assertRaisesRegex(CannotRun, "was not installed by make install; FORCE=1"):
            self.do("install")
        with open(self.mdev) as f:
            self.assertEqual(f.read(), "theirs")
        self.do("install", FORCE="1")
        self.do("uninstall")
        with open(self.mdev) as f:
            self.assertEqual(f.read(), "theirs")

    def test_what_changed_since_stays(self):
        self.do("install")
        self.put("theirs")
        self.assertIn("it stays", self.do("uninstall"))
        self.assertTrue(os.path.exists(self.mdev))

    def test_a_signature_is_no_change(self):
        self.do("install")
        with open(self.mdev, "ab") as f:
            f.write(SIGNATURE + bytes(8) + len(SIGNATURE).to_bytes(4, "big")
                    + b"~Module signature appended~\n")
        self.do("install")
        self.do("uninstall")
        self.assertFalse(os.path.exists(self.updates))

    def test_modules_of_another_kernel(self):
        with self.assertRaisesRegex(CannotRun, "was built for 9.9.9, not for 8.8.8"):
            self.do("install", KVER="8.8.8")

    def test_a_core_that_is_built_in(self):
        os.makedirs(os.path.dirname(self.updates))
        with open(os.path.join(os.path.dirname(self.updates), "modules.builtin"), "w") as f:
            f.write("kernel/drivers/vfio/mdev/mdev.ko\n")
        with self.assertRaisesRegex(CannotRun, "has mdev.ko built in"):
            self.do("install")


if __name__ == "__main__":
    unittest.main()
