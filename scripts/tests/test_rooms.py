# SPDX-License-Identifier: GPL-2.0-only
"""The check of the rooms sees one fault of each kind, and none where there is none."""
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from lib.common import CannotRun  # noqa: E402
from static import rooms  # noqa: E402
from static.tracked import everything  # noqa: E402

README = """
.. list-table::
   :header-rows: 1

   * - Room
     - Purpose
     - Programs
     - Uses
   * - low
     - what all need
     -
     -
   * - high
     - what a person types, in a text that takes
       two lines
     - shell type
     - low
"""
FILES = {
    "scripts/README.rst": README,
    "scripts/low/base.py": '"""Used by high/type, says this docstring."""\nimport os\n',
    "scripts/low/more.py": "from low import base\n",
    "scripts/high/type": "#!/usr/bin/env python3\nfrom low.base import x\n"
                         "fault = 'high/shell: no such file'\n",
    "scripts/high/shell": "#!/bin/sh\n# scripts/high/type\necho run scripts/high/type\n",
}


class Rooms(unittest.TestCase):
    def wrong(self, **files):
        """The verdict on a project with these files, {name with __ for / : text}, besides FILES."""
        with tempfile.TemporaryDirectory() as top:
            for name, text in {**FILES, **files}.items():
                path = os.path.join(top, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as f:
                    f.write(text)
            return rooms.wrong(top) or ""

    def test_nothing_wrong(self):
        self.assertEqual(self.wrong(), "")

    def test_an_import_upwards(self):
        for text in ("import high.thing\n", "from high.thing import x\n",
                     "from high import thing\n"):
            files = {"scripts/low/base.py": text, "scripts/high/thing.py": ""}
            self.assertIn("scripts/low/base.py uses scripts/high/thing.py, of a room below",
                          self.wrong(**files))

    def test_a_call_upwards(self):
        self.assertIn("scripts/low/base.py uses scripts/high/type, of a room below",
                      self.wrong(**{"scripts/low/base.py": "ask('high/type', 'x')\n"}))
        self.assertIn("scripts/low/base.py uses scripts/high/type, of a room below",
                      self.wrong(**{"scripts/low/base.py": "part('scripts/high/type')\n"}))
        shell = self.wrong(**{"scripts/low/run": '#!/bin/sh\n"$top/scripts/high/type" || exit\n'})
        self.assertIn("scripts/low/run uses scripts/high/type, of a room below", shell)

    def test_a_circle_in_a_room(self):
        self.assertIn("a circle: scripts/low/base.py -> scripts/low/more.py -> scripts/low/base.py",
                      self.wrong(**{"scripts/low/base.py": "from low import more\n"}))

    def test_a_circle_between_rooms(self):
        text = self.wrong(**{"scripts/low/base.py": "ask('high/type')\n"})
        self.assertIn("circle: scripts/high/type -> scripts/low/base.py -> scripts/high/type", text)

    def test_a_full_folder(self):
        def files(folder, n):
            return {f"{folder}/{i}.c": "" for i in range(n)}
        self.assertIn("drivers/x holds 17 files", self.wrong(**files("drivers/x", 17)))
        self.assertEqual("", self.wrong(**files("drivers/x", 16)))
        self.assertEqual("", self.wrong(**files("cocci/tests/x", 17)))
        self.assertEqual("", self.wrong(**files("tools/testing/selftests/mdev", 17)))
        self.assertIn("holds 17", self.wrong(**files("tools/testing/selftests/mdev/deep", 17)))

    def test_a_long_line(self):
        name = "scripts/low/base.py"
        self.assertIn(f"{name}:2: 101 columns", self.wrong(**{name: "\n#" + "x" * 100 + "\n"}))
        self.assertIn(f"{name}:1: 105 columns", self.wrong(**{name: "#\t" + "x" * 97 + "\n"}))
        self.assertEqual("", self.wrong(**{name: "#" + "x" * 99 + "\n"}))

    def test_table_and_folders_differ(self):
        for files, fault in (
                ({"scripts/third/x.py": ""}, "scripts/third: in the table or a folder, not both"),
                ({"scripts/low/run": "#!/bin/sh\n"}, "low: program run is there and not listed"),
                ({"scripts/README.rst": README.replace("shell type", "shell tip type")},
                 "high: program tip is listed and not there"),
                ({"scripts/high/type": "#!/usr/bin/env python3\n"},
                 "high: need low is listed and not there"),
                ({"scripts/README.rst": README.replace("     - low\n", "     -\n")},
                 "high: need low is there and not listed"),
                ({"scripts/README.rst": "no table\n"}, "no table of rooms")):
            self.assertIn(fault, self.wrong(**files))


class Tracked(unittest.TestCase):
    def test_a_checkout_without_an_index(self):
        """git clone --no-checkout leaves one: a check of no file would pass."""
        with tempfile.TemporaryDirectory() as top:
            subprocess.run(["git", "-C", top, "init", "-q"], check=True)
            with open(os.path.join(top, "file"), "w"):
                pass
            with self.assertRaisesRegex(CannotRun, "tracks no file"):
                everything(top)
            subprocess.run(["git", "-C", top, "add", "file"], check=True)
            self.assertEqual(everything(top), ["file"])


if __name__ == "__main__":
    unittest.main()
