# SPDX-License-Identifier: GPL-2.0-only
"""Causes of a CRC that differs although no public type does: private types that changed.

A CRC covers each type that an export leads to, as far as it is defined where the export is.
"""
from abi.compare.change import REBUILD, Change, unified
from abi.compare.types import compare_types

FOLLOW = ("size ", "alignment ", "members moved")


class Reached:
    """The types of one side, public and private, and the exports that lead to them."""

    def __init__(self, side, names):
        self.side, self.types = side, {}
        self.by_export = {n: self._reached(n) for n in names}

    def _type(self, key):
        if key not in self.types:
            self.types[key] = self.side.definition(key)
        return self.types[key]

    def _reached(self, name):
        seen, todo = set(), list(self.side.view.exports[name][1])
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            found = self._type(key)
            todo.extend(found.refers if found else ())
        return seen


def causes(names, old, new):
    """A change for each private type that moved on the way from these exports."""
    was, now = Reached(old, names), Reached(new, names)
    facts = {}
    for key, before in was.types.items():
        after = now.types.get(key)
        if before is None or after is None or before.kind == "typedef":
            continue
        found = compare_types(before, after)
        if found.texts and found.effect:
            facts[key] = found
    # a type that only grew with another one is no cause
    roots = {k for k, f in facts.items() if not all(t.startswith(FOLLOW) for t in f.texts)} or facts
    changes = []
    for key in sorted(roots):
        reached = [n for n in names if key in was.by_export[n]]
        c = Change(f"private {key}", [*facts[key].texts, "another CRC"], REBUILD,
                   unified(was.types[key].lines(True), now.types[key].lines(True)), reached,
                   [key.split()[-1]])
        changes.append(c)
    return sorted(changes, key=lambda c: -len(c.exports))
