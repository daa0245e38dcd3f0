# SPDX-License-Identifier: GPL-2.0-only
"""Every semantic patch has a purpose, the lines that coccicheck reads, all modes, and a golden test that it changes or reports."""
import glob
import os
import re
import unittest

COCCI = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "cocci")


def text(path):
    with open(path) as f:
        return f.read()


def patches():
    return glob.glob(COCCI + "/**/*.cocci", recursive=True)


def is_lifecycle(path):
    return os.path.basename(os.path.dirname(path)) == "lifecycle"


class Headers(unittest.TestCase):
    def test_headers_and_modes(self):
        paths = patches()
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(os.path.basename(path)):
                s = text(path)
                self.assertTrue(re.search(r"\A// SPDX-License-Identifier: GPL-2.0-only\n", s), "nothing like " + r"\A// SPDX-License-Identifier: GPL-2.0-only\n")
                self.assertTrue(re.search(r"(?m)^/// \S", s), "nothing like " + r"(?m)^/// \S")
                self.assertTrue(re.search(r"(?m)^// Confidence: (High|Moderate|Low)$", s), "nothing like " + r"(?m)^// Confidence: (High|Moderate|Low)$")
                self.assertTrue(re.search(r"(?m)^// Options: --no-includes( --include-headers)?$", s), "nothing like " + r"(?m)^// Options: --no-includes( --include-headers)?$")
                self.assertTrue(re.search(r"(?m)^// Requires: 1\.1\.1$", s), "nothing like " + r"(?m)^// Requires: 1\.1\.1$")
                modes = set(re.findall(r"(?m)^virtual (\w+)$", s))
                # whether a lifecycle is right depends on the driver: these rules only report
                wanted = {"context", "org", "report"} | (set() if is_lifecycle(path) else {"patch"})
                self.assertLessEqual(wanted, modes)
                self.assertTrue(re.search(r"(?m)^\s*coccilib\.report\.print_report", s), "nothing like " + r"(?m)^\s*coccilib\.report\.print_report")
                self.assertTrue(re.search(r"(?m)^\s*coccilib\.org\.print_todo", s), "nothing like " + r"(?m)^\s*coccilib\.org\.print_todo")
                self.assertTrue(re.search(r"(?m)^\*", s), "nothing like " + r"(?m)^\*")

    def test_golden_tests(self):
        # migrate applies these by itself: their patch mode is what the tests without a directive show
        for path in patches():
            name = os.path.relpath(path, COCCI)
            with self.subTest(name):
                found = {}
                for f in glob.glob(COCCI + "/tests/*.c") + glob.glob(COCCI + "/tests/*/*.[ch]"):
                    m = re.search(r"^// (?:spatch|also): %s (\S+)" % re.escape(name), text(f), re.M)
                    if m:
                        res = (f[:-2] if os.path.dirname(f).endswith("tests") else os.path.dirname(f)) + ".res"
                        modes = m.group(1).split(",")
                        parts = re.split(r"(?m)^// ---- (?:%s)$" % "|".join(modes), text(res))[len(modes) > 1:]
                        for mode, said in zip(modes, parts, strict=True):
                            found.setdefault(mode, []).append(bool(said.strip()))
                for mode in ("context", "org", "report") if not is_lifecycle(path) else ("report",):
                    self.assertIn(True, found.get(mode, []), f"no golden test in which {name} says something in mode {mode}")


if __name__ == "__main__":
    unittest.main()
