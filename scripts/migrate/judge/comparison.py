# SPDX-License-Identifier: GPL-2.0-only
"""A driver before and after its conversion, as C: what is gone, and which of it counts."""
import collections
import re

from migrate.driver import NotConverted
from migrate.judge.syntax import Tree, compare
from migrate.grouping import is_show

NUMBERS = re.compile(r"\b(atomic(64|_long)?_t|int|unsigned|signed|long|short|char|size_t|ssize_t"
                     r"|[us](8|16|32|64)|__[us](8|16|32|64)|uint\w*|_Bool|bool)\b(?!.*\*)")


def unverified(path, line, why):
    return NotConverted(path, line, f"could not be verified: {why}; convert the driver by hand")


def walk(cursor):
    return cursor.walk_preorder() if cursor else ()


class Side:
    """The trees of a driver's files, old or new."""
    def __init__(self, front, side, files, changed):
        # messages: what clang says, with its messages of these words
        self.front, self.trees, self.messages = front, {}, collections.defaultdict(list)
        for p, unit in front.parse(side, files).items():
            for x in unit.diagnostics:
                self.messages[re.sub(r" at [^\s)]*:\d+:\d+", "", x.spelling)].append(x)
            for q in changed:
                if q not in self.trees and (q == p or q.endswith(".h")):
                    tree = Tree(unit, front.path(side, q))
                    if q == p or any(n.cursor for n in tree.nodes):
                        self.trees[q] = tree

    def said(self, pattern, known=()):
        """Messages in the driver's files that match and are not known: (path, line, text)."""
        for text, messages in self.messages.items():
            if text not in known and re.search(pattern, text):
                for place in filter(None, map(self.front.place, messages)):
                    yield *place, text

    def key(self, cursor):
        """The identity of a declaration: its place, or its name if the linker joins all of it."""
        at = cursor.location
        path = self.front.of_driver(at.file.name) if at.file else None
        if path and cursor.kind.name in ("VAR_DECL", "FUNCTION_DECL") and \
                cursor.linkage.name == "EXTERNAL":
            return "", cursor.spelling
        return (path, at.offset) if path else None

    def refs(self, cursor):
        """The declarations in the driver's files that code refers to: {place: cursor}."""
        found = {}
        for c in walk(cursor):
            if c.kind.name in ("DECL_REF_EXPR", "MEMBER_REF_EXPR") and c.referenced:
                key = self.key(c.referenced)
                if key:
                    found[key] = c.referenced
        return found

class Comparison:
    """Both sides of a driver, the removed code, and the counters in it."""
    def __init__(self, d, front, files):
        self.d, self.front = d, front
        self.old, self.new = (Side(front, side, files, d.changed()) for side in ("old", "new"))
        self.removed, self.counters, self.functions, self.computes = [], {}, set(), {}
        # the limit checks that go: (path, node, the nodes before it)
        self.checks = []
        for p, tree in self.old.trees.items():
            if p in self.new.trees:
                compare(tree.nodes, self.new.trees[p].nodes)

    def refuse(self, path, n, why):
        raise unverified(path, n.line, why)

    def note(self, path, n, kind):
        self.removed.append((path, n.line, kind, n.text))
        return kind
    def gone_nodes(self, p):
        def find(n):
            if n.gone or n.rewritten:
                yield n
            for part in n.parts:
                for x in part:
                    yield from find(x)
        for n in self.old.trees[p].nodes:
            yield from find(n)
    def gone(self, *kinds):
        """Removed declarations outside functions: (path, node)."""
        for p, tree in self.old.trees.items():
            for n in tree.nodes:
                for x in [n, *(f for f in (n.parts[0] if n.kind == "struct" else ()))]:
                    if (x.gone or n.gone) and x.kind in kinds:
                        yield p, x

    def gone_code(self):
        """The removed statements and functions, outermost first: (path, node)."""
        def find(p, n):
            if n.gone and n.cursor and n.kind not in ("struct", "field", "var", "prototype"):
                yield p, n
            elif n.kind != "struct":
                for part in n.parts:
                    for x in part:
                        yield from find(p, x)
        for p, tree in self.old.trees.items():
            for n in tree.nodes:
                yield from find(p, n)

    def is_show(self, path, name):
        text = self.d.old[path]
        return is_show(text, name, "available_instances") or is_show(text, name, "device_api") or \
            any(re.search(r"\b%s\b[^;]*\b%s\b" % (w, name), text) for w in
                ("MDEV_TYPE_ATTR", "__ATTR")) or \
            any(re.search(r"\.get_available\s*=\s*%s\b" % name, t) for t in self.d.old.values())

    def is_api(self, path, name):
        text = self.d.old[path]
        return is_show(text, name, "device_api") or bool(
            re.search(r"\(device_api,[^;]*\b%s\b" % name, text))

    def find_counters(self):
        declared = {self.old.key(n.cursor): (p, n) for p, n in self.gone("field", "var")
                    if NUMBERS.search(n.cursor.type.spelling)}
        code = [(p, n, self.old.refs(n.cursor)) for p, n in self.gone_code()]
        self.shows = {n.key for p, n, _ in code if n.kind == "function" and self.is_show(p, n.key)}
        for _, n, refs in code:
            if n.kind == "function" and n.key in self.shows:
                self.counters.update({k: declared[k] for k in refs if k in declared})
        names = {self.old.key(n.cursor): n.key for _, n in self.gone_functions()}
        while True:
            size = len(self.counters), len(self.functions)
            for _, n, refs in code:
                calls = {names[k] for k in refs if k in names}
                if refs.keys() & self.counters.keys() or calls & (self.functions | self.shows):
                    self.counters.update({k: declared[k] for k in refs if k in declared})
                    if n.kind == "function":
                        self.functions.add(n.key)
                for name in calls & self.shows:
                    self.functions.add(name)
            # a function that a show function or a counting function calls
            for _, n, refs in code:
                if n.kind == "function" and n.key in self.shows | self.functions:
                    self.functions |= {names[k] for k in refs if k in names}
            if size == (len(self.counters), len(self.functions)):
                break
        self.functions |= self.shows

    def gone_functions(self):
        return [(p, n) for p, n in self.gone_code() if n.kind == "function"]
