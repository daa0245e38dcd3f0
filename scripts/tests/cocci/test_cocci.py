# SPDX-License-Identifier: GPL-2.0-only
"""Every semantic patch has a purpose, coccicheck's header lines, all modes and golden tests."""
import glob
import os
import re
import subprocess
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
COCCI = os.path.join(TOP, "cocci")
HEADER = (r"\A// SPDX-License-Identifier: GPL-2.0-only\n", r"(?m)^/// \S",
          r"(?m)^// Confidence: (High|Moderate|Low)$",
          r"(?m)^// Options: --no-includes( --include-headers)?$", r"(?m)^// Requires: 1\.1\.1$",
          r"(?m)^\s*coccilib\.report\.print_report", r"(?m)^\s*coccilib\.org\.print_todo",
          r"(?m)^\*")


def text(path):
    with open(path) as f:
        return f.read()


def of_fixes():
    """The patches of the steps in fixes.conf: the stock files are their tests."""
    return set(glob.glob(COCCI + "/fixes/*/*.cocci"))


def patches():
    return set(glob.glob(COCCI + "/**/*.cocci", recursive=True)) - of_fixes()


def is_lifecycle(path):
    return os.path.basename(os.path.dirname(path)) == "lifecycle"


def spoken_modes(name):
    """The modes in which a golden test shows output of a patch."""
    found = set()
    for f in glob.glob(COCCI + "/tests/*.c") + glob.glob(COCCI + "/tests/*/*.[ch]"):
        m = re.search(r"^// (?:spatch|also): %s (\S+)" % re.escape(name), text(f), re.M)
        if m:
            folder = os.path.dirname(f)
            stem = f[:-2] if os.path.basename(folder) == "tests" else folder
            modes = m.group(1).split(",")
            heading = r"(?m)^// ---- (?:%s)$" % "|".join(modes)
            parts = re.split(heading, text(stem + ".res"))[len(modes) > 1:]
            found |= {mode for mode, said in zip(modes, parts, strict=True) if said.strip()}
    return found


class Headers(unittest.TestCase):
    def test_headers_and_modes(self):
        self.assertTrue(patches())
        for path in patches():
            with self.subTest(os.path.relpath(path, COCCI)):
                for pattern in HEADER:
                    self.assertTrue(re.search(pattern, text(path)), f"no line like {pattern}")
                modes = set(re.findall(r"(?m)^virtual (\w+)$", text(path)))
                # whether a lifecycle is right depends on the driver: these rules only report
                self.assertLessEqual({"context", "org", "report"}, modes)
                self.assertEqual("patch" in modes, not is_lifecycle(path))

    def test_golden_tests(self):
        # the patch mode of a migration rule is what the tests without a directive show
        for path in patches():
            name = os.path.relpath(path, COCCI)
            with self.subTest(name):
                for mode in ("report",) if is_lifecycle(path) else ("context", "org", "report"):
                    self.assertIn(mode, spoken_modes(name),
                                  f"no golden test shows output of {name} in mode {mode}")

    def test_each_fix_is_a_step(self):
        steps = text(os.path.join(TOP, "fixes.conf"))
        for path in of_fixes():
            with self.subTest(os.path.relpath(path, COCCI)):
                self.assertIn(os.path.relpath(path, TOP), steps)
                self.assertEqual(re.findall(r"(?m)^virtual (\w+)$", text(path)), ["patch"])

    def test_folders(self):
        for folder in (COCCI, COCCI + "/lifecycle", COCCI + "/tree", *glob.glob(
                COCCI + "/fixes/*/")):
            self.assertLessEqual(len(os.listdir(folder)), 16, f"{folder} holds too many files")

    def test_page_of_shapes(self):
        """Documentation/migrating-shapes.rst says what the golden tests say."""
        p = subprocess.run([os.path.join(TOP, "scripts/migrate/shapes"), "--check"],
                           capture_output=True, text=True)
        self.assertEqual(p.returncode, 0, p.stderr)


if __name__ == "__main__":
    unittest.main()
