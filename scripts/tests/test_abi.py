# SPDX-License-Identifier: GPL-2.0-only
"""The parts of the ABI gate that need no build: reading headers, comparing types, suppressions."""
import json
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import abi.baseline
import abi.build
import abi.read.dump
import abi.read.headers
import abi.read.probe
import abi.report
import abi.users
from abi.compare.change import REBUILD, SOURCE, Change
from abi.compare.module import golden_changes, read_golden, sysfs_changes
from abi.compare.types import compare_types
from abi.read.sysfs import Attribute
from abi.read.types import Member, Type
from abi.suppress import Suppressions
from lib.common import CannotRun


def struct(size, *members):
    found = [Member(n, t, o * 8, b * 8, c) for n, t, o, b, c in members]
    return Type("struct s", "struct", size, found, set())


A = ("a", "int a", 0, 4, False)
B = ("b", "void *b", 8, 8, False)
CALL = ("f", "int (*f)(void *)", 16, 8, True)


def temporary(text):
    f = tempfile.NamedTemporaryFile("w", delete=False)
    f.write(text)
    f.close()
    return f.name


class Types(unittest.TestCase):
    def facts(self, old, new):
        facts = compare_types(old, new)
        return facts.texts, facts.effect

    def test_same(self):
        self.assertEqual(self.facts(struct(24, A, B, CALL), struct(24, A, B, CALL)), ([], 0))

    def test_hole(self):
        new = struct(24, A, ("c", "int c", 4, 4, False), B, CALL)
        self.assertEqual(self.facts(struct(24, A, B, CALL), new),
                         (["member c added in a hole"], REBUILD))

    def test_appended(self):
        new = struct(32, A, B, CALL, ("c", "int c", 24, 4, False))
        self.assertEqual(self.facts(struct(24, A, B, CALL), new),
                         (["member c appended", "size 24 -> 32 bytes"], REBUILD))

    def test_renamed(self):
        new = struct(24, ("z", "int z", 0, 4, False), B, CALL)
        self.assertEqual(self.facts(struct(24, A, B, CALL), new),
                         (["member a renamed to z"], SOURCE))

    def test_callback(self):
        new = struct(24, A, B, ("f", "int (*f)(void *, int)", 16, 8, True))
        self.assertEqual(self.facts(struct(24, A, B, CALL), new),
                         (["callback f has another signature"], SOURCE))

    def test_widened(self):
        new = struct(24, ("a", "u64 a", 0, 8, False), B, CALL)
        self.assertEqual(self.facts(struct(24, A, B, CALL), new), (["member a widened"], REBUILD))

    def test_removed_and_moved(self):
        new = struct(16, ("b", "void *b", 0, 8, False), ("f", "int (*f)(void *)", 8, 8, True))
        facts, effect = self.facts(struct(24, A, B, CALL), new)
        self.assertEqual((facts[0], effect), ("member a removed", SOURCE))


class Probe(unittest.TestCase):
    def test_names(self):
        path = temporary("""
#ifndef GUARD
#define GUARD
#define MANY 16
#define TEXT "no"
#define CALLED(x) ((x) + 1)
#define MASK (1 << 3)
/* struct not_this { int a; }; */
struct one {
	struct { int deep; } two;
};
enum kind { K };
enum { FEW, SOME = 3 };
static inline int half(struct one *o)
{
	return 1;
}
typedef unsigned int word;
#endif
""")
        found = abi.read.probe.names(path)
        os.unlink(path)
        self.assertEqual(found, {"struct": ["one"], "union": [], "enum": ["kind"],
                                 "typedef": ["word"], "constant": ["MANY", "MASK"],
                                 "enumerator": ["FEW", "SOME"],
                                 "macro": ["MANY", "TEXT", "CALLED", "MASK"],
                                 "inline": ["half"]})


    def test_declarations(self):
        text = """
extern int (*hook)(void);
int one(struct s *s, int (*call)(int)) __attribute__((pure));
static inline int two(void)
{
	return three(1);
}
struct s { int four(int); };
extern typeof(*((struct device *)0)->bus) five;
typedef int six(int);
"""
        self.assertEqual(abi.read.headers.declarations(text) & {
            "one", "two", "three", "four", "five", "six"}, {"one", "two", "five"})


class Reasons(unittest.TestCase):
    def suppress(self, text, *changes):
        path = temporary(text)
        try:
            s = Suppressions(path)
        finally:
            os.unlink(path)
        return s, s.apply("6.12", "x86", list(changes))

    def test_whole_and_part(self):
        c = Change("struct s", ["member a removed", "size 8 -> 4 bytes"], SOURCE)
        s, done = self.suppress("[x]\nchange = struct s: member a removed\nreason = why\n", c)
        self.assertEqual((done, c.suppressed, s.stale()), ([], "", []))
        s, done = self.suppress("[x]\nchange = struct s: *\nreason = why\n", c)
        self.assertEqual((done, c.suppressed), (["struct s"], "why"))

    def test_stale_only_where_asked(self):
        s, _ = self.suppress("[x]\ntree = 5.10\nchange = struct s: *\nreason = why\n"
                             "[y]\nchange = struct t: *\nreason = why\n")
        self.assertEqual(s.stale(), ["y"])

    def test_no_reason(self):
        with self.assertRaises(CannotRun):
            self.suppress("[x]\nchange = *\n")

    def test_attribute_moves(self):
        shown = Attribute(0o444, ["%s\n"])
        old, there = {"name": shown}, {"name": ("mdev", shown)}
        self.assertEqual([c.facts for c in sysfs_changes(old, {}, "x", there)],
                         [["shown by mdev instead"]])
        self.assertEqual([c.facts for c in sysfs_changes(old, {}, "x")], [["removed"]])

    def test_golden(self):
        path = temporary('mdev attr name 0444 "%s\\n"\nmdev text "devices"\n')
        self.assertEqual(read_golden(path),
                         {"mdev": ({"name": Attribute(0o444, ["%s\n"])}, {"devices"}, set())})
        os.unlink(path)
        path = temporary("mdev attr name\n")
        with self.assertRaises(CannotRun):
            read_golden(path)
        os.unlink(path)


    def test_modules_of_a_copy(self):
        """A copy of a build has its own modules, although modules.order names the original's."""
        for root in ("", "/original/"):
            with tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "modules.order"), "w") as f:
                    f.write(f"{root}drivers/x/a-b.o\n{root}abi/abi_probe.o\n")
                self.assertEqual(abi.build.modules(folder),
                                 {"a_b": os.path.join(folder, "drivers/x/a-b.ko")})

    def test_missing_file(self):
        with self.assertRaises(CannotRun):
            Suppressions("/nonexistent/suppressions")

    def test_golden_module_absent(self):
        golden = {"mdev": ({}, set(), set()), "vfio_ccw": ({}, set(), {"s390"})}
        side = types.SimpleNamespace(modules={})
        self.assertEqual(golden_changes(side, "x86", golden)[1],
                         ["mdev.ko of abi/sysfs.golden is not in the build"])
        self.assertEqual(len(golden_changes(side, "s390", golden)[1]), 2)

    def test_baseline_of_another_kind(self):
        with tempfile.TemporaryDirectory() as headers:
            os.makedirs(os.path.join(headers, "include/config"))
            for on, lines in ("", 0), ("CONFIG_LOCKDEP=y\nCONFIG_KASAN=y\n", 1):
                with open(os.path.join(headers, "include/config/auto.conf"), "w") as f:
                    f.write(on)
                made = abi.baseline.made_with()["6.12-x86"][0]
                found = abi.baseline.unread("6.12", "x86", headers, made)
                self.assertEqual(len(found), lines, found)
            found = abi.baseline.unread("6.12", "x86", headers, made + ".1")
            self.assertIn("baseline 6.12-x86 is of libabigail", found[0])
            found = abi.baseline.unread("9.9", "x86", headers, made)
            self.assertIn("no line for 9.9-x86", found[0])


class Report(unittest.TestCase):
    def test_verdicts(self):
        r = abi.report.Result("t")
        self.assertEqual(r.verdict(), "same")
        r.additions = ["f"]
        self.assertEqual(r.verdict(), "additions only")
        c = Change("export f", ["removed"], SOURCE, ["-f"], ["f"])
        r.changes = [c]
        self.assertEqual(r.verdict(), "changed")
        self.assertTrue(abi.report.text([r]).startswith("abi-check: changed\n"))
        c.suppressed = "why"
        self.assertEqual(r.verdict(), "additions only")

    def test_unread(self):
        """A part that was not read outweighs "same", and not "changed"."""
        r = abi.report.Result("t")
        r.unread, r.compared = ["a.ko: no type of export f"], {"exports": (0, 1)}
        text = abi.report.text([r])
        self.assertTrue(text.startswith("abi-check: could not run: a.ko: no type of export f\n"))
        self.assertIn("compared: exports 0 of 1 typed", text)
        self.assertEqual(abi.report.CODES[abi.report.overall([r, abi.report.Result("u")])], 2)
        r.changes = [Change("export g", ["removed"], SOURCE)]
        self.assertTrue(abi.report.text([r]).startswith(
            "abi-check: changed\nnot read: a.ko: no type of export f\n"))
        self.assertEqual(abi.report.CODES[r.verdict()], 1)

    def test_every_part(self):
        """Text and JSON have every part of a change."""
        r = abi.report.Result("6.12 x86")
        c = Change("struct s", ["member a removed"], SOURCE, ["-\tint a;"], ["f", "g"])
        c.against, c.drivers, c.loader = "the baseline", ["drivers/x.c"], "nobody notices"
        c.patches = [("cocci/p.cocci", "drops a")]
        r.changes = [c]
        text = abi.report.text([r])
        for line in ("struct s: member a removed", "against   the baseline", "  -\tint a;",
                     "reaches   f, g", "drivers   drivers/x.c",
                     "needs     a change of the drivers' source",
                     "patch     cocci/p.cocci (drops a)", "loader    nobody notices"):
            self.assertIn(line, text)
        said = json.loads(abi.report.as_json([r], {}))["results"][0]["changes"][0]
        self.assertEqual(said, {"subject": "struct s", "facts": ["member a removed"],
                                "against": "the baseline", "diff": ["-\tint a;"],
                                "exports": ["f", "g"], "drivers": ["drivers/x.c"],
                                "needs": "source", "patches": ["cocci/p.cocci"],
                                "loader": "nobody notices", "intended": ""})
        c.effect = REBUILD
        self.assertIn("needs     a rebuild of the drivers; their source stays as it is",
                      abi.report.text([r]))

    def test_patches(self):
        """A patch is named for a member that it removes from the struct, not for a mere word."""
        def named(*args):
            return [os.path.basename(p) for p, _ in abi.users.patches(*args)]
        self.assertIn("budget.cocci", named("struct mdev_driver", {"mdev_driver", "get_available"}))
        self.assertIn("budget.cocci",
                      named("export mdev_register_parent", {"mdev_register_parent"}))
        self.assertEqual(named("struct mdev_driver", {"mdev_driver", "goto", "show"}), [])
        self.assertEqual(named("struct not_ours", {"not_ours", "get_available"}), [])

    def test_paths_go(self):
        self.assertEqual(abi.read.dump.clean("<abi-instr path='/a/b/c.c' x='1'>"),
                         "<abi-instr path='c.c' x='1'>")


if __name__ == "__main__":
    unittest.main()
