# SPDX-License-Identifier: GPL-2.0-only
"""The parts of the ABI gate that need no build."""
import os
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
import abi.baseline
import abi.build
import abi.read.headers
import abi.read.names
import abi.read.probe
from abi.compare.change import REBUILD, SOURCE, Change
from abi.compare.module import golden_changes, read_golden, sysfs_changes
from abi.compare.types import compare_types
from abi.read.sysfs import Attribute, disassembler
from abi.read.types import Member, Type
from abi.judge.suppress import Suppressions
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
        found = abi.read.names.names(path)
        os.unlink(path)
        self.assertEqual(found, {"struct": ["one"], "union": [], "enum": ["kind"],
                                 "typedef": ["word"], "constant": ["MANY", "MASK"],
                                 "enumerator": ["FEW", "SOME"],
                                 "macro": ["MANY", "TEXT", "CALLED", "MASK"],
                                 "inline": ["half"]})


    def test_inline_with_attribute(self):
        """An attribute before the name, behind it, or instead of the first word costs nothing."""
        forms = ["static inline __printf(1, 2) void f0(const char *text, ...)",
                 "static __always_inline int *f1(int (*call)(int))",
                 "static inline __attribute__((format(printf, 1, 2), const)) int f2(char *t, ...)",
                 "static __attribute__((const)) inline int f3(int a)",
                 "__attribute__((const)) static inline int f4(int a)",
                 "[[gnu::const]] static inline int f5(int a)",
                 "static inline typeof(int) f6(int a)",
                 "static inline __attribute_const__ unsigned long\n__must_check f7(int a)",
                 "inline static void (*f8(int a))(int)",
                 "  static __inline__ int f9(int a) __acquires(lock)"]
        path = temporary("#define LATER static inline int none(void)\n"
                         + "".join(f"{x}\n{{\n\tif (a)\n\t\tf();\n}}\n" for x in forms))
        self.assertEqual(abi.read.names.names(path)["inline"], [f"f{n}" for n in range(10)])
        os.unlink(path)

    def test_records_and_typedefs(self):
        """Records with attributes and in a typedef, and every form of declarator."""
        path = temporary("struct __attribute__((packed)) s0 { int a; };\nstruct __packed s1 {\n};\n"
                         "typedef struct s2 { enum { NOT } a; } s2_t, *s2_p;\n"
                         "typedef enum { FAST } pace_t __aligned(4);\n"
                         "typedef u64 __aligned(8) word;\n"
                         "typedef int (*call)(struct s0 **s, int n);\ntypedef int fn(int a);\n"
                         "typedef void (gn)(int b);\ntypedef int row[4];\nunion u0\n{ int a; };\n")
        found = abi.read.names.names(path)
        self.assertEqual((found["struct"], found["union"]), (["s0", "s1", "s2"], ["u0"]))
        self.assertEqual(found["typedef"],
                         ["s2_t", "s2_p", "pace_t", "word", "call", "fn", "gn", "row"])
        self.assertEqual(found["enumerator"], [])
        os.unlink(path)

    def test_left_out(self):
        """A line that does not compile costs itself, until the header changes."""
        path = temporary("#define W u64\n#define X 3\n#define Y 4\n")
        with tempfile.TemporaryDirectory() as folder:
            def declared():
                abi.read.probe.write(folder, [path], [])
                with open(os.path.join(folder, abi.read.probe.HEADER)) as f:
                    return f.read()
            text = declared().split("\n")
            line = next(n for n, x in enumerate(text, 1) if "abi_value_X" in x)
            log = f"/x/abi/probe.h:{line}:31: error: 'Z' undeclared here\n"
            self.assertTrue(abi.read.probe.leave_out(folder, log))
            self.assertNotIn("abi_value_X", declared())
            self.assertIn("abi_value_Y", declared())
            self.assertEqual(abi.read.probe.left_out(folder),
                             {"abi_constant_X": "'Z' undeclared here"})
            self.assertFalse(abi.read.probe.leave_out(folder, "/x/mdev.h:3:1: error: no\n"))
            line = next(n for n, x in enumerate(declared().split("\n"), 1) if "abi_value_Y" in x)
            log = f"/x/mdev.h:3:1: error: bad\n  | ^\n/x/abi/probe.h:{line}:9: note: in Y\n"
            self.assertTrue(abi.read.probe.leave_out(folder, log))
            self.assertNotIn("abi_value_Y", declared())
            with open(path, "a") as f:
                f.write("#define V 5\n")
            self.assertIn("abi_value_X", declared())
        os.unlink(path)

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

    def test_an_entry_of_a_series_is_for_its_flavours(self):
        path = temporary("[x]\ntree = 5.10\nchange = struct s: *\nreason = why\n")
        try:
            s = Suppressions(path)
        finally:
            os.unlink(path)
        self.assertTrue(s.covers("x", "5.10-rt", "x86"))
        self.assertFalse(s.covers("x", "6.12-rt", "x86"))

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


class Disassembler(unittest.TestCase):
    def test_what_installs_one(self):
        with mock.patch("shutil.which", return_value=None):
            for machine, words in ((22, "no s390x-linux-gnu-objdump and no llvm-objdump.*cross"),
                                   (183, "no llvm-objdump.*apt-get install llvm")):
                with self.assertRaisesRegex(CannotRun, words):
                    disassembler(machine)


if __name__ == "__main__":
    unittest.main()
