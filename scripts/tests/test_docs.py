#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/docs: each kind of stale name is seen; the diagram has all of fsm_table."""
import os
import re
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from docs import fsm, names, rooms  # noqa: E402
from lib.common import TOP  # noqa: E402

SOURCES = {
    "drivers/toy/toy.c": "/* gone_function() */\nint toy_open(void)\n{\n\treturn toy_count;\n}\n",
    "tools/test.c": "TEST_F(toy_held, stop_start)\n{\n}\n",
    "scripts/lib/tool.py": "def fetch_toys(x):\n    return fetch_other(x)\n",
    "MAINTAINERS": "TOY\nF:\tdrivers/toy/\n",
    "README.md": "A toy: [the driver](drivers/toy/toy.c), `drivers/toy`.\n",
}
GOOD = """The function toy_open() in ``toy.c`` reads ``toy_count``; tool.fetch_toys() is Python.

.. kernel-doc:: drivers/toy/toy.c

Tests are ``toy_held.stop_start`` and ``*.stop_start``.

vfio_open() is the kernel's, in ``drivers/vfio/vfio.c``. A test is ``cocci/tests/NAME.c``::

	make migrate SRC=drivers/mine
	scripts/lib/tool.py

After the example.
"""


def tree(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)


class Names(unittest.TestCase):
    def wrong(self, page, **more):
        with tempfile.TemporaryDirectory() as top, tempfile.TemporaryDirectory() as kernel:
            tree(top, {**SOURCES, "Documentation/page.rst": page, **more})
            tree(kernel, {"drivers/vfio/vfio.c": "int vfio_open(void);\n",
                          "drivers/toy/old.c": "\n"})
            return names.wrong(kernel, top, {"drivers/toy/"})

    def test_a_page_whose_names_exist_is_right(self):
        self.assertIsNone(self.wrong(GOOD))

    def test_each_stale_name_is_seen_with_its_line(self):
        for text, kind, name in (
                ("``scripts/lib/gone.py``", "file", "scripts/lib/gone.py"),
                ("in prose scripts/gone/tool, too", "file", "scripts/gone/tool"),
                (".. kernel-doc:: drivers/toy/gone.c", "file", "drivers/toy/gone.c"),
                ("``gone.cocci``", "file", "gone.cocci"),
                (":c:func:`gone_role`", "function", "gone_role"),
                (".. kernel-doc:: drivers/toy/toy.c\n   :identifiers: gone_doc",
                 "identifier", "gone_doc"),
                ("gone_function() is in a comment only", "function", "gone_function"),
                ("fetch_other() is called and not defined", "function", "fetch_other"),
                ("other.fetch_toys() is another module's", "function", "other.fetch_toys"),
                ("``toy_gone``", "identifier", "toy_gone"),
                ("``toy_parent.toy_gone``", "identifier", "toy_gone"),
                ("``toy_open.stop_start``", "test", "toy_open.stop_start"),
                (".. graphviz::\n\n   digraph { a [label=\"toy_gone()\"]; }",
                 "function", "toy_gone"),
                ("Example::\n\n\tscripts/lib/gone.py", "file", "scripts/lib/gone.py")):
            with self.subTest(text=text):
                line = (GOOD + "\n" + text).count("\n") + 1
                self.assertIn(f"Documentation/page.rst:{line}: there is no {kind} {name}\n",
                              self.wrong(GOOD + "\n" + text + "\n") or "")

    def test_a_file_that_the_series_replaces_is_not_looked_up_in_the_kernel(self):
        self.assertIn("no file drivers/toy/old.c", self.wrong("``drivers/toy/old.c``") or "")

    def test_links_of_the_readme_and_patterns_of_maintainers(self):
        found = self.wrong(GOOD, **{"README.md": "[gone](Documentation/gone.rst)\n",
                                    "MAINTAINERS": "TOY\nF:\tdrivers/gone/\n"})
        self.assertEqual(found, "README.md:1: there is no file Documentation/gone.rst\n"
                                "MAINTAINERS:2: no file matches drivers/gone/\n")


class Diagram(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(TOP, fsm.SOURCE)) as c, open(os.path.join(TOP, fsm.HEADER)) as h:
            self.source, self.header = c.read(), h.read()

    def test_every_state_has_a_box_in_which_or_from_which_every_event_is(self):
        machine = fsm.Machine(self.source, self.header)
        drawing = fsm.dot(machine)
        states = set(re.findall(r"\[VFIO_CCW_STATE_(\w+)\]", self.source))
        events = set(re.findall(r"\[VFIO_CCW_EVENT_(\w+)\]", self.source))
        self.assertGreater(len(states), 4)
        self.assertGreater(len(events), 5)
        for state in states:
            box = re.search(rf'^"{state}" \[(.*)\];$', drawing, re.M)
            self.assertTrue(box, state)
            arrows = re.findall(rf'^"{state}" -> .*label="([^"]*)"', drawing, re.M)
            shown = {label for labels in arrows for label in labels.split("\\n")}
            shown |= set(re.findall(r'<tr><td align="left">(\w+)</td>', box[1]))
            self.assertEqual(events - shown, set(), state)

    def test_an_empty_slot_is_an_error(self):
        source = re.sub(r"\t\t\[VFIO_CCW_EVENT_OPEN\]\s*= fsm_open,\n", "", self.source)
        with self.assertRaisesRegex(fsm.Unreadable, "fsm_table lack STANDBY x OPEN"):
            fsm.Machine(source, self.header)

    def test_a_state_without_a_row_is_an_error(self):
        end = "\tNR_VFIO_CCW_STATES"
        header = self.header.replace(end, "\tVFIO_CCW_STATE_NEW,\n" + end)
        with self.assertRaisesRegex(fsm.Unreadable, "fsm_table lack NEW x "):
            fsm.Machine(self.source, header)

    def test_a_change_of_state_in_another_form_is_an_error(self):
        source = self.source.replace("private->state = VFIO_CCW_STATE_IDLE",
                                     "xchg(&private->state, VFIO_CCW_STATE_IDLE)")
        self.assertNotEqual(source, self.source)
        with self.assertRaisesRegex(fsm.Unreadable, "neither sets nor compares"):
            fsm.dot(fsm.Machine(source, self.header))

    def test_transitions_follow_the_functions(self):
        moves = fsm.Machine(self.source, self.header).transitions()
        self.assertIn("OPEN", moves["STANDBY", "IDLE"])
        self.assertIn("IO_REQ", moves["IDLE", "CP_PROCESSING"])
        self.assertIn("fsm_io_request()", moves["CP_PROCESSING", "CP_PENDING"])
        self.assertNotIn(("IDLE", "CP_PENDING"), moves)
        # fsm_open() raises NOT_OPER for a device that is gone
        self.assertIn("OPEN", moves["STANDBY", "NOT_OPER"])
        self.assertFalse([pair for pair in moves if pair[0] == "NOT_OPER"], "NOT_OPER is final")


class Rooms(unittest.TestCase):
    def test_every_room_of_the_table_is_drawn_above_the_rooms_that_it_uses(self):
        with open(os.path.join(TOP, rooms.TABLE)) as f:
            text = f.read()
        drawing, table = rooms.dot(text), rooms.rows(text)
        folders = {d for d in os.listdir(os.path.join(TOP, "scripts"))
                   if os.path.isdir(os.path.join(TOP, "scripts", d)) and not d.startswith("_")}
        self.assertEqual(set(table), folders)
        arrows = re.findall(r'"(\w+)" -> "(\w+)"', drawing)
        for room, (_, uses) in table.items():
            self.assertIn(f'"{room}" [label', drawing)
            seen, todo = set(), [room]
            while todo:
                below = {b for a, b in arrows if a == todo[-1]} - seen
                todo.pop()
                seen |= below
                todo += below
            self.assertEqual(seen & set(uses), set(uses), room)

    def test_an_arrow_that_follows_from_others_is_left_out(self):
        text = ("   * - Room\n     - x\n     - x\n     - x\n"
                "   * - a\n     - A\n     -\n     -\n"
                "   * - b\n     - B\n     -\n     - a\n"
                "   * - c\n     - C: more\n     - tool\n     - a b\n")
        self.assertEqual(re.findall(r'"\w" -> "\w"', rooms.dot(text)), ['"b" -> "a"', '"c" -> "b"'])


if __name__ == "__main__":
    unittest.main()
