# SPDX-License-Identifier: GPL-2.0-only
"""A Sphinx extension: diagrams that are generated from the sources.

.. state-machine:: fsm_table of vfio-ccw, as a diagram and as a table
.. script-rooms:: the rooms of scripts/
"""
import os

from docutils import nodes, statemachine
from docutils.parsers.rst import Directive

from docs import fsm, rooms


def graphviz(drawing, alt):
    """The lines of a graphviz directive."""
    return [".. graphviz::", f"   :alt: {alt}", "", *("   " + x for x in drawing.splitlines()), ""]


class Generated(Directive):
    """A directive without arguments; FILES are the sources of its content."""

    FILES = ()

    def content_of(self, top):
        raise NotImplementedError

    def run(self):
        env = self.state.document.settings.env
        top = env.config.kerneldoc_srctree
        for name in self.FILES:
            env.note_dependency(os.path.join(top, name))
        lines = statemachine.StringList(self.content_of(top), self.FILES[0])
        node = nodes.section()
        self.state.nested_parse(lines, 0, node)
        return node.children


class StateMachine(Generated):
    FILES = (fsm.SOURCE, fsm.HEADER)

    def content_of(self, top):
        try:
            machine = fsm.read(top)
            drawing = fsm.dot(machine)
        except fsm.Unreadable as e:
            raise self.error(f"the state machine cannot be drawn: {e}")
        return [*graphviz(drawing, "states of vfio-ccw and the events between them"),
                *fsm.table(machine).splitlines()]


class ScriptRooms(Generated):
    FILES = (rooms.TABLE,)

    def content_of(self, top):
        with open(os.path.join(top, rooms.TABLE)) as f:
            return graphviz(rooms.dot(f.read()), "rooms of scripts/ and what each uses")


def setup(app):
    app.add_directive("state-machine", StateMachine)
    app.add_directive("script-rooms", ScriptRooms)
    return {"parallel_read_safe": True}
