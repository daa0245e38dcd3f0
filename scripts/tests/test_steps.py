# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/series/steps.py: steps add up, and a second run changes nothing."""
import os
import shutil
import sys
import tempfile
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from migrate.patches import tidy  # noqa: E402
from series.steps import Changes, apply_step, write  # noqa: E402

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


def read(top, name):
    with open(os.path.join(top, name)) as f:
        return f.read()


if __name__ == "__main__":
    unittest.main()
