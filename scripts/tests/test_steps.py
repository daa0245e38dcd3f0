# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/series: steps add up, a second run changes nothing; messages, sizes."""
import os
import re
import shutil
import sys
import tempfile
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from migrate.patches import tidy  # noqa: E402
from migrate.spatch.comments import restored  # noqa: E402
from lib.common import CannotRun  # noqa: E402
from lib.loading import as_module  # noqa: E402
from series.bugs import bug_cell, reasons  # noqa: E402
from series.message import COLUMNS, message_of  # noqa: E402
from series.sizes import apply_and_count, changed_lines  # noqa: E402
from series.steps import (Changes, apply_step, found, semantic_patches, steps_of,  # noqa: E402
                          write)

CP, MAKEFILE = "drivers/s390/cio/vfio_ccw_cp.c", "drivers/s390/cio/Makefile"
# source that two semantic patches of this project change
SOURCE = """struct page_array {
	int n;
};

bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
{
	return cp->initialized && cp->pa == iova;
}

static void report(struct vfio_ccw_private *private)
{
	if (!list_empty(&private->crw) && private->crw_trigger)
		eventfd_signal(private->crw_trigger);
}
"""
STEPS = (
    {"cocci": "cocci/fixes/vfio_ccw_crw.cocci", "group": CP},
    {"append": f"{MAKEFILE} vfio_ccw-objs += one.o"},
    {"cocci": "cocci/fixes/vfio_ccw_cp_pinned.cocci", "group": CP},
    {"append": f"{MAKEFILE} vfio_ccw-objs += two.o"},
    {"lacks": f"{CP} page_array", "append": f"{MAKEFILE} never"},
)


class Tidy(unittest.TestCase):
    OLD = "static void a(void)\n{\n}\n"

    def test_the_brace_of_a_new_function_has_a_line_of_its_own(self):
        body = "\tif (x) {\n\t\ty();\n\t}\n}\n"
        for head, brace in (("static void b(int x)", " {"), ("static void b(int x)", "{"),
                            ("static void b(int x,\n\t      int y)", "{")):
            new = f"{self.OLD}\n{head}{brace}\n{body}"
            self.assertEqual(tidy(self.OLD, new), f"{self.OLD}\n{head}\n{{\n{body}")

    def test_an_iterator_is_no_statement(self):
        new = self.OLD.replace("}", "\tlist_for_each_entry (x, &list, next)\n\t\ty(x);\n}")
        self.assertEqual(tidy(self.OLD, new), new.replace("entry (", "entry("))


class Comments(unittest.TestCase):
    """What spatch 1.3.0 makes becomes what 1.1.1 makes, and that stays."""
    OLD = """static int x;

/*
 * Add one.
 * @n: a number
 */
static int add(int n)
{
	if (!n)
		return 0;

	/* under the lock */
	lock();
	count++;

	unlock();
}
"""

    def same(self, new, old_spatch):
        self.assertEqual(restored(self.OLD, new), old_spatch)
        self.assertEqual(restored(self.OLD, old_spatch), old_spatch)

    def test_a_new_function_stands_above_the_comment_of_the_next(self):
        function = "static bool zero(int n)\n{\n\treturn !n;\n}\n\n"
        above = self.OLD.replace("/*\n * Add", function + "/*\n * Add")
        between = self.OLD.replace("static int add", function + "static int add")
        self.same(between, above)

    def test_a_statement_that_goes_leaves_its_comment(self):
        self.same(self.OLD.replace("\n\n\t/* under the lock */\n\tlock();", ""),
                  self.OLD.replace("\tlock();\n", ""))

    def test_a_statement_that_is_moved_leaves_its_comment(self):
        moved = self.OLD.replace("\tlock();\n\tcount++;\n", "\tcount++;\n\tlock();\n")
        self.same(moved.replace("\n\n\t/* under the lock */", ""), moved)

    def test_no_empty_line_stays_above_a_closing_brace(self):
        without = self.OLD.replace("\n\n\tunlock();", "")
        self.same(without, without)


class Apply(unittest.TestCase):
    def tree(self, top):
        for name, text in ((CP, SOURCE), (MAKEFILE, "obj-m += vfio_ccw.o\n")):
            os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
            with open(os.path.join(top, name), "w") as f:
                f.write(text)

    def steps(self, top):
        changes = Changes(top, top)
        for step in STEPS:
            apply_step(step, changes)
        return changes

    def test_later_steps_keep_what_earlier_ones_did(self):
        with tempfile.TemporaryDirectory() as top:
            self.tree(top)
            changed = self.steps(top).new
            self.assertIn("vfio_ccw_crw_notify(private)", changed[CP])
            self.assertIn("cp_iova_pinned_locked(cp, iova, length)", changed[CP])
            self.assertEqual(changed[MAKEFILE],
                             "obj-m += vfio_ccw.o\n"
                             "vfio_ccw-objs += one.o\nvfio_ccw-objs += two.o\n")
            # nothing is written before all steps went well
            with open(os.path.join(top, CP)) as f:
                self.assertEqual(f.read(), SOURCE)

    def test_in_place_twice(self):
        with tempfile.TemporaryDirectory() as top:
            self.tree(top)
            write(self.steps(top))
            copy = os.path.join(top, "copy")
            shutil.copytree(os.path.join(top, "drivers"), os.path.join(copy, "drivers"))
            again = self.steps(copy)
            self.assertEqual({name: read(top, name) for name in again.new}, again.new)
            self.assertEqual([], again.differing())


class Message(unittest.TestCase):
    STEP = {"subject": "a: fix it", "bug": "K1", "test": "io.io.nop", "group": CP,
            "cocci": "cocci/fixes/vfio_ccw/region_index.cocci",
            "message": "One paragraph, " + "which is long " * 9 + "\n\t.\n\tAnother one.",
            "fixes": '0123456789ab ("a: break it")'}

    def test_a_fix_has_its_test_its_rule_and_its_tag(self):
        text = message_of(self.STEP)
        self.assertTrue(text.startswith("a: fix it\n\nOne paragraph"))
        self.assertIn("\n\nAnother one.\n", text)
        self.assertIn("\n  ccw_io_test -r io.nop\n", text)
        self.assertIn("\n  +\tu64 index = VFIO_CCW_OFFSET_TO_INDEX(*ppos);\n", text)
        self.assertNotIn("virtual patch", text)
        self.assertTrue(text.endswith('\n\nFixes: 0123456789ab ("a: break it")\n'))

    def test_a_step_of_the_series_has_its_message_alone(self):
        step = {"subject": "a: add it", "message": "Why,\n\tand how."}
        self.assertEqual("a: add it\n\nWhy,\nand how.\n", message_of(step))

    def test_lines_fit(self):
        for step in steps_of("fixes.conf"):
            with self.subTest(step.name):
                self.assertEqual([], [x for x in message_of(step).splitlines()
                                      if len(x) > COLUMNS])

    def test_each_step_is_described(self):
        for step in steps_of("fixes.conf"):
            with self.subTest(step.name):
                self.assertLessEqual({"subject", "bug", "test", "cocci", "group", "message"},
                                     set(step))


class Variants(unittest.TestCase):
    def test_a_variant_takes_what_it_lacks_but_not_its_condition(self):
        steps = {s.name: s for s in steps_of("fixes.conf")}
        base, variant = steps["ccw-reports"], steps["ccw-reports-6.1"]
        self.assertEqual([base[k] for k in ("subject", "test", "message")],
                         [variant[k] for k in ("subject", "test", "message")])
        self.assertNotEqual(base["has"], variant["has"])
        self.assertIn("lacks", base)
        self.assertNotIn("lacks", variant)

    def test_each_variant_is_for_trees_of_its_own(self):
        for step in steps_of("fixes.conf"):
            with self.subTest(step.name):
                self.assertTrue("like" not in step or "has" in step)

    def test_report_and_commit_are_those_of_one_tree(self):
        base = next(s for s in steps_of("fixes.conf") if {"report", "fixes"} <= set(s))
        variants = [s for s in steps_of("fixes.conf") if s.get("like") == base.name]
        self.assertTrue(variants)
        for step in variants:
            self.assertFalse({"report", "fixes"} & set(step), step.name)

    def test_names_are_replaced_in_the_rule_and_in_the_message(self):
        step = {"cocci": "cocci/fixes/vfio_ccw/schib_lock.cocci", "subject": "a: b",
                "message": "take &sch->lock", "names": "&sch->lock=sch->lock",
                "test": "none: d"}
        rule, = semantic_patches(step).values()
        for text in rule, message_of(step):
            self.assertIn("+\tspin_lock_irq(sch->lock);\n", text)
            self.assertNotIn("&sch->lock", text)

    def test_a_condition_needs_every_word(self):
        with tempfile.TemporaryDirectory() as top:
            with open(os.path.join(top, "a.h"), "w") as f:
                f.write("int one, two;\n")
            self.assertTrue(found("a.h one two", top))
            self.assertFalse(found("a.h one three", top))
            self.assertFalse(found("a.h on", top))


class Bugs(unittest.TestCase):
    class Step(dict):
        name = "s"

    STEP, WHY = Step(bug="K1 K2", cocci=STEPS[0]["cocci"]), "not there: of another shape"

    def cell(self, lines, why, step=STEP):
        base = self.Step(self.STEP, bug="")
        base.name = "r"
        return bug_cell("K1", "7.3", {"s": lines, "r": 0}, [base, step],
                        {("K1", "7.3"): why} if why else {}, {})

    def test_a_step_a_variant_or_a_reason(self):
        self.assertEqual("12", self.cell(12, ""))
        self.assertEqual("12", self.cell(12, "", self.Step(self.STEP, like="r")))
        renamed = self.Step(self.STEP, like="r", names="crw=p")
        self.assertEqual("12 v", self.cell(12, "", renamed))
        self.assertEqual("not there [#f1]_", self.cell(0, self.WHY))
        self.assertEqual("12, partly [#f1]_", self.cell(12, "partly: the rest"))

    def test_a_hole_and_a_stale_reason_are_errors(self):
        for lines, why in ((0, ""), (12, self.WHY)):
            with self.subTest(why), self.assertRaises(CannotRun):
                self.cell(lines, why)

    def test_each_reason_is_for_a_known_bug(self):
        places = ("mdev", "vfio_ccw")
        known = {line[1:-1] for place in places
                 for line in read(os.path.dirname(SCRIPTS), "tools/testing/selftests/"
                                  f"{place}/bugs.conf").splitlines() if line.startswith("[")}
        self.assertLessEqual({bug for bug, _ in reasons()} - {"IOMMU-ID"}, known)


class Pages(unittest.TestCase):
    def test_series_names_the_sums_of_the_table(self):
        table, text = (read(os.path.dirname(SCRIPTS), f"Documentation/{name}.rst")
                       for name in ("fixes", "series"))
        fixes, whole = (re.search(rf"{row}\n     - .*\n?     - ([\d,]+)\n", table)[1]
                        for row in (r"\* - all", "for comparison"))
        self.assertIn(f"on 7.3 they change {fixes} lines, and the whole files {whole}. ", text)


class Strict(unittest.TestCase):
    """What a checkpatch.pl of the tree says about patches."""

    def findings(self, script):
        module = as_module("series/patches")
        with tempfile.TemporaryDirectory() as top:
            os.makedirs(os.path.join(top, "scripts"))
            if script:
                with open(os.path.join(top, "scripts/checkpatch.pl"), "w") as f:
                    f.write(script)
            return module.findings(["1.patch"], top)

    def test_findings_and_none(self):
        checked = 'print "total: 0 errors, 9 lines checked\\n";'
        self.assertEqual("", self.findings(checked))
        self.assertEqual("1.patch:3: CHECK:A: b\n",
                         self.findings(f'print "1.patch:3: CHECK:A: b\\n"; {checked} exit 1;'))

    def test_a_checkpatch_that_checks_nothing_is_no_pass(self):
        for script in "", "exit 0;", "exit 2;":
            with self.subTest(script), self.assertRaises(CannotRun):
                self.findings(script)


class Sizes(unittest.TestCase):
    def test_removed_and_added_lines_count(self):
        self.assertEqual(3, changed_lines("a\nb\nc\n", "a\nB\nc\nd\n"))

    def test_a_step_counts_its_own_lines(self):
        with tempfile.TemporaryDirectory() as top:
            with open(os.path.join(top, "Makefile"), "w") as f:
                f.write("obj-y += a.o\n")
            changes = Changes(top, top)
            for line in "b.o", "c.o":
                self.assertEqual(1, apply_and_count({"append": f"Makefile obj-y += {line}"},
                                                    changes))


def read(top, name):
    with open(os.path.join(top, name)) as f:
        return f.read()


if __name__ == "__main__":
    unittest.main()
