#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The state table of the model is the driver's; a model that does not fit is an error."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from docs import fsm  # noqa: E402
from lib.common import TOP, CannotRun  # noqa: E402
from verify import table  # noqa: E402
from verify.search import judge, readable  # noqa: E402

HEADER = """enum toy_state {
\tVFIO_CCW_STATE_SHUT,
\tVFIO_CCW_STATE_OPEN,
\tNR_VFIO_CCW_STATES
};
enum toy_event {
\tVFIO_CCW_EVENT_OPEN,
\tVFIO_CCW_EVENT_INTERRUPT,
\tNR_VFIO_CCW_EVENTS
};
"""
SOURCE = """static int fsm_nop(struct toy *toy)
{
\treturn 0;
}

static int fsm_open(struct toy *toy)
{
\ttoy->state = VFIO_CCW_STATE_OPEN;
\treturn 0;
}

static fsm_func_t * const fsm_table[NR_VFIO_CCW_STATES][NR_VFIO_CCW_EVENTS] = {
\t[VFIO_CCW_STATE_SHUT] = {
\t\t[VFIO_CCW_EVENT_OPEN] = fsm_open,
\t\t[VFIO_CCW_EVENT_INTERRUPT] = fsm_nop,
\t},
\t[VFIO_CCW_STATE_OPEN] = {
\t\t[VFIO_CCW_EVENT_OPEN] = fsm_nop,
\t\t[VFIO_CCW_EVENT_INTERRUPT] = fsm_nop,
\t},
};
"""
MODEL = """inline fsm_nop() { skip }

inline fsm_open()
{
\tatomic { state = OPEN }
}
"""


class Table(unittest.TestCase):
    def wrong(self, *words, source=SOURCE, header=HEADER, model=MODEL):
        with self.assertRaises(table.Drift) as caught:
            table.promela(source, header, model)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_each_entry_is_in_the_text(self):
        text = table.promela(SOURCE, HEADER, MODEL)
        self.assertIn("#define SHUT\t0\n#define OPEN\t1\n", text)
        self.assertIn("#define ON_SHUT_OPEN\tfsm_open\n", text)
        self.assertIn("inline event_INTERRUPT()\n{\n\tif\n\t:: state == SHUT -> ", text)
        # a request takes the lock with the look at the table
        self.assertIn(":: atomic { sch_lock == 0 && state == OPEN -> sch_lock = _pid } "
                      "-> ON_OPEN_OPEN()", text)

    def test_a_function_that_the_model_lacks(self):
        self.wrong("fsm_table calls fsm_open() for SHUT x OPEN", "no inline of that name",
                   model="inline fsm_nop() { skip }\n")

    def test_a_function_that_the_driver_lacks(self):
        self.wrong("has fsm_old()", model=MODEL + "\ninline fsm_old() { skip }\n")

    def test_another_state_is_set(self):
        self.wrong("fsm_open() sets OPEN", "SHUT in",
                   model=MODEL.replace("state = OPEN", "state = SHUT"))

    def test_a_new_state_without_a_row(self):
        self.wrong("lack NEW x",
                   header=HEADER.replace("STATE_OPEN,\n", "STATE_OPEN,\n\tVFIO_CCW_STATE_NEW,\n"))

    def test_a_new_event_without_entries(self):
        header = HEADER.replace("INTERRUPT,\n", "INTERRUPT,\n\tVFIO_CCW_EVENT_LOST,\n")
        self.wrong("lack OPEN x LOST", header=header)

    def test_a_new_state_with_a_row_is_in_the_text(self):
        header = HEADER.replace("STATE_OPEN,\n", "STATE_OPEN,\n\tVFIO_CCW_STATE_NEW,\n")
        source = SOURCE.replace("\n};\n", """
\t[VFIO_CCW_STATE_NEW] = {
\t\t[VFIO_CCW_EVENT_OPEN] = fsm_nop,
\t\t[VFIO_CCW_EVENT_INTERRUPT] = fsm_nop,
\t},
};
""")
        self.assertIn("#define NEW\t2\n", table.promela(source, header, MODEL))

    def test_a_table_that_cannot_be_read(self):
        self.wrong("no fsm_table", source=SOURCE.replace("fsm_table", "other_table"))

    def test_the_driver_has_what_the_model_has(self):
        machine = fsm.read(TOP)
        with open(os.path.join(TOP, table.MODEL)) as f:
            code = table.inlines(f.read())
        self.assertFalse(set(machine.table.values()) - set(code))


class Judge(unittest.TestCase):
    WHOLE = "State-vector 9 byte, depth reached 7, errors: 0\n  12 states, stored\n"

    def test_a_whole_search(self):
        result = judge("", self.WHOLE, 0, [], "")
        self.assertEqual((result.found, result.states, result.depth), (None, 12, 7))

    def test_a_search_that_was_cut_short_has_no_result(self):
        for words in ("error: max search depth too small\n", "pan: reached -DMEMLIM bound\n",
                      "pan: out of memory\n", "Warning: Search not completed\n"):
            with self.assertRaises(CannotRun, msg=words):
                judge("/none", words + self.WHOLE, 0, [], "")
        with self.assertRaises(CannotRun):
            judge("/none", "", 0, [], "")

    def test_a_search_by_bits_ends_in_time_and_says_so(self):
        late = "Time limit of 1 minutes exceeded\nWarning: Search not completed\n" + self.WHOLE
        self.assertIn("not all states", judge("", late, 0, [], "", True).figures())
        self.assertNotIn("not all states", judge("", self.WHOLE, 0, [], "").figures())
        with self.assertRaises(CannotRun):
            judge("/none", late.partition("\n")[2], 0, [], "", True)
        with self.assertRaises(CannotRun):
            judge("/none", late, 0, [], "")


class Readable(unittest.TestCase):
    def test_a_step_has_its_process_and_its_line(self):
        text = " 12:\tproc  3 (user:1) vfio_ccw.pml:2 (state 7)\t[state = 5]\n"
        self.assertEqual(readable(text, ["inline x()", "\tstate = QUIESCING;"]),
                         ["user-3:2: state = QUIESCING;"])


if __name__ == "__main__":
    unittest.main()
