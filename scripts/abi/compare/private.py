# SPDX-License-Identifier: GPL-2.0-only
"""Causes of a CRC that differs although no public type does: private types that changed.

A CRC covers each type that an export leads to, as far as it is defined where the export is.
"""
from abi.compare.change import REBUILD, Change, unified
from abi.compare.types import compare_types

FOLLOW = ("size ", "alignment ", "members moved")


class Reached:
    """The types of one side that some exports lead to, public and private."""

    def __init__(self, side, names):
        self.types, users = {}, {}
        todo = []
        for n in names:
            for key in side.view.exports[n][1]:
                users.setdefault(key, (set(), set()))[0].add(n)
                todo.append(key)
        while todo:
            key = todo.pop()
            if key in self.types:
                continue
            found = self.types[key] = side.definition(key)
            for k in found.refers if found else ():
                users.setdefault(k, (set(), set()))[1].add(key)
                todo.append(k)
        self._users = users

    def reaching(self, key):
        """The exports that lead to a type."""
        seen, todo, found = set(), [key], set()
        while todo:
            k = todo.pop()
            if k not in seen:
                seen.add(k)
                exports, types = self._users.get(k, ((), ()))
                found.update(exports)
                todo.extend(types)
        return sorted(found)


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
        reached = was.reaching(key)
        c = Change(f"private {key}", [*facts[key].texts, "another CRC"], REBUILD,
                   unified(was.types[key].lines(True), now.types[key].lines(True)), reached,
                   [key.split()[-1]])
        changes.append(c)
    return sorted(changes, key=lambda c: -len(c.exports))
