# SPDX-License-Identifier: GPL-2.0-only
"""A Sphinx extension: ".. state-machine::" draws fsm_table of vfio-ccw and shows it as a table."""
import os

from docutils import nodes, statemachine
from docutils.parsers.rst import Directive

from docs import fsm


class StateMachine(Directive):
    """No argument: fsm.py knows the two files."""

    def run(self):
        env = self.state.document.settings.env
        top = env.config.kerneldoc_srctree
        for name in (fsm.SOURCE, fsm.HEADER):
            env.note_dependency(os.path.join(top, name))
        try:
            machine = fsm.read(top)
            drawing = fsm.dot(machine)
        except fsm.Unreadable as e:
            raise self.error(f"the state machine cannot be drawn: {e}")
        lines = [".. graphviz::", "   :alt: states of vfio-ccw and the events between them", ""]
        lines += ["   " + line for line in drawing.splitlines()]
        lines += ["", *fsm.table(machine).splitlines()]
        node = nodes.section()
        self.state.nested_parse(statemachine.StringList(lines, fsm.SOURCE), 0, node)
        return node.children


def setup(app):
    app.add_directive("state-machine", StateMachine)
    return {"parallel_read_safe": True}
