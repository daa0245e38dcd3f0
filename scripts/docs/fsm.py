# SPDX-License-Identifier: GPL-2.0-only
"""Reads the state machine of vfio-ccw from C: the enums, fsm_table, and the transitions made.

A function sets the state by assigning to ->state or by calling a function whose name ends in
set_state(). A state that a function sets and compares with ->state later is one that it holds while
the lock is dropped: states that it sets afterwards follow the held one. Any other use of a state's
name is an error, so no transition is left out of the diagram silently.
"""
import re

from lib.rst import list_table

SOURCE = "drivers/s390/cio/vfio_ccw_fsm.c"
HEADER = "drivers/s390/cio/vfio_ccw_private.h"
STATE, EVENT = "VFIO_CCW_STATE_", "VFIO_CCW_EVENT_"
# a function of the table that handles one more event
RAISES = r"\b\w+_event\w*\([^;]*?\b%s(\w+)" % EVENT
# what stands before the name of a state
SETS = r"->state\s*=(?!=)[^;]*$|set_state\([^;]*,\s*$"
COMPARES = r"->state\s*[!=]=\s*$"
FONT = 'fontname="sans-serif"'


class Unreadable(Exception):
    """The C is not in the form that this module knows."""


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def enumerators(text, prefix):
    """The names of an enum in order, without the prefix and without the count at the end."""
    m = re.search(r"\benum \w+\s*\{([^}]*\b%s[^}]*)\}" % prefix, without_comments(text))
    if not m:
        raise Unreadable(f"no enum of {prefix}*")
    return re.findall(r"\b%s(\w+)" % prefix, m[1])


def rows(text):
    """fsm_table as {(state, event): function}."""
    table = re.search(r"\bfsm_table\[[^\]]*\]\[[^\]]*\]\s*=\s*\{(.*?)\n\};", text, re.S)
    if not table:
        raise Unreadable("no fsm_table")
    found = {}
    for state, row in re.findall(r"\[%s(\w+)\]\s*=\s*\{(.*?)\}" % STATE, table[1], re.S):
        for event, function in re.findall(r"\[%s(\w+)\]\s*=\s*(\w+)" % EVENT, row):
            found[state, event] = function
    return found


def bodies(text):
    """The body of each function, by name."""
    head = r"^[a-z][^;={}#]*?\b(\w+)\([^;{}]*\)\s*(?:__\w+\([^{}]*\)\s*)?\n\{(.*?)^\}"
    return {m[1]: m[2] for m in re.finditer(head, text, re.M | re.S)}


class Machine:
    """states and events in order, table as {(state, event): function}, code as {function: body}."""

    def __init__(self, source, header):
        self.states = enumerators(header, STATE)
        self.events = enumerators(header, EVENT)
        text = without_comments(source)
        self.table, self.code = rows(text), bodies(text)
        expected = {(s, e) for s in self.states for e in self.events}
        for state, event in sorted(expected ^ set(self.table)):
            where = "the enums" if (state, event) in self.table else "fsm_table"
            raise Unreadable(f"{where} lack {state} x {event}")
        for function in set(self.table.values()) - set(self.code):
            raise Unreadable(f"{function}() is in fsm_table and not in the file")

    def uses(self, function, seen=()):
        """The states that a function and its callees set, and those that they compare."""
        if function in seen:
            return [], []
        entered, compared = [], []
        body = self.code[function]
        for m in re.finditer(r"%s|\b(\w+)\(|\b%s(\w+)" % (RAISES, STATE), body):
            event, called, state = m.groups()
            if event or called in self.code:
                more = self.uses_of(self.column(event) if event else [called], (*seen, function))
                entered += more[0]
                compared += more[1]
            elif state and re.search(SETS, body[:m.start()]):
                entered.append(state)
            elif state and re.search(COMPARES, body[:m.start()]):
                compared.append(state)
            elif state:
                raise Unreadable(f"{function}() neither sets nor compares {STATE}{state}")
        return entered, compared

    def column(self, event):
        """The functions for an event, in whatever state."""
        return list(dict.fromkeys(self.table[state, event] for state in self.states))

    def uses_of(self, functions, seen):
        """The uses of several functions, one after another."""
        found = [self.uses(function, seen) for function in functions]
        return [s for entered, _ in found for s in entered], [s for _, c in found for s in c]

    def transitions(self):
        """{(from, to): [label]}. A label is an event, or a function() that leaves a held state."""
        found = {}
        for (state, event), function in self.table.items():
            entered, compared = self.uses(function)
            held = next((s for s in entered if s in compared), None)
            steps = [(state, s, event) for s in entered]
            if held:
                steps = [(state, held, event)] + [(held, s, function + "()") for s in entered]
            for here, to, label in steps:
                labels = found.setdefault((here, to), [])
                if label not in labels:
                    labels.append(label)
        return {pair: labels for pair, labels in found.items() if pair[0] != pair[1]}

    def stays(self, state):
        """The events that do not lead out of a state, each with its function."""
        leads = {x for (here, _), labels in self.transitions().items() if here == state
                 for x in labels}
        return [(e, self.table[state, e]) for e in self.events if e not in leads]

    def effect(self, function):
        """A function that only returns an error is shown as that error."""
        m = re.fullmatch(r"\s*return (-E\w+|0);\s*", self.code[function])
        if not m:
            return function + "()"
        return "nothing" if m[1] == "0" else m[1]


def read(top):
    with open(f"{top}/{SOURCE}") as source, open(f"{top}/{HEADER}") as header:
        return Machine(source.read(), header.read())


def node(machine, state):
    left = '<td align="left">'
    cells = "".join(f"<tr>{left}{event}</td>{left}{machine.effect(function)}</td></tr>"
                    for event, function in machine.stays(state))
    return (f'"{state}" [label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="2">'
            f'<tr><td colspan="2"><b>{state}</b></td></tr><hr/>{cells}</table>>];')


def edge(state, to, labels):
    """Solid: an event. Dashed: the function that an event called goes on."""
    style = ", style=dashed" if all(label.endswith("()") for label in labels) else ""
    text = "\\n".join(labels)
    return f'"{state}" -> "{to}" [label="{text}"{style}];'


def dot(machine):
    """A box for each state lists the events that do not lead out; an arrow is a transition."""
    lines = [f"digraph fsm {{ node [shape=box, style=rounded, {FONT}, fontsize=11];",
             f"edge [{FONT}, fontsize=10];"]
    lines += [node(machine, s) for s in machine.states]
    lines += [edge(*pair, labels) for pair, labels in machine.transitions().items()]
    return "\n".join((*lines, "}"))


def table(machine):
    """fsm_table in reStructuredText: a row for each event, a column for each state."""
    grid = [["event", *machine.states]]
    grid += [[e, *(machine.table[s, e] for s in machine.states)] for e in machine.events]
    return "\n".join(list_table(grid, "stub-columns: 1"))
