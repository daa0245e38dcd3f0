# SPDX-License-Identifier: GPL-2.0-only
"""The rules of the rooms of scripts/, read from the table in scripts/README.rst.

A room uses only rooms above it in the table; no two files use each other in a circle; the table
lists every room, its programs and the rooms that it uses; no folder holds more than MOST files;
no line in scripts/ is longer than COLUMNS.
"""
import ast
import os
import re
import warnings

from static.tracked import everything
from lib.common import TOP

MOST, COLUMNS = 16, 100
# one file for each case, found by name: a folder of its own for some of them would hide the others
TESTS = r"cocci/tests(/.*)?|tools/testing/(mutations|selftests)/[^/]+"
# what a console printed, line by line
RECORDED = (".corpus",)


class Room:
    """A row of the table."""

    def __init__(self, cells):
        words = [re.findall(r"[\w.-]+", c.replace("``", "")) for c in cells]
        self.name, self.programs, self.needs = words[0][0], set(words[2]), set(words[3])


def table(top):
    """The rooms of scripts/README.rst, the lowest first."""
    with open(os.path.join(top, "scripts/README.rst")) as f:
        text = re.sub(r"\n {7}(?=\w)", " ", f.read())
    rows = re.findall(r"^ {3}\* - (.*)\n {5}- (.*)\n {5}- ?(.*)\n {5}- ?(.*)$", text, re.M)
    return [Room(cells) for cells in rows[1:]]


def read(top, name):
    with open(os.path.join(top, name), errors="replace") as f:
        return f.read()


def python_uses(text, rooms):
    """Names that a Python file imports or calls: "room/file" without suffix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name.replace(".", "/") for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").replace(".", "/")
            yield module
            if module in rooms:
                yield from (f"{module}/{a.name}" for a in node.names)
        elif id(node) not in docs and isinstance(getattr(node, "value", None), str):
            yield node.value.removeprefix("scripts/")


def shell_uses(text):
    """Paths that a shell script names in a command, comments and messages left out."""
    for line in text.splitlines():
        if not re.match(r"\s*(#|echo\b|printf\b)", line):
            yield from re.findall(r"(?:scripts|\.\.)/([\w-]+/[\w.-]+)", line)


def uses(top, names, rooms):
    """{file: files of scripts/ that it imports or calls}."""
    by_name = {os.path.splitext(f.removeprefix("scripts/"))[0]: f for f in names}
    by_name.update({f.removeprefix("scripts/"): f for f in names})
    found = {}
    for name in names:
        text = read(top, name)
        if name.endswith(".py") or "python3" in text.split("\n", 1)[0]:
            used = python_uses(text, rooms)
        elif text.startswith("#!"):
            used = shell_uses(text)
        else:
            continue
        found[name] = {by_name[u] for u in used if u in by_name} - {name}
    return found


def room_of(name):
    return name.split("/")[1]


def upwards(graph, order):
    for name, used in sorted(graph.items()):
        for other in sorted(used):
            if order.index(room_of(other)) > order.index(room_of(name)):
                yield f"{name} uses {other}, of a room below it in the table"


def circles(graph):
    """One line for each circle of files."""
    done, path = set(), []

    def visit(name):
        if name in path:
            yield "a circle: " + " -> ".join([*path[path.index(name):], name])
        elif name not in done:
            path.append(name)
            for other in sorted(graph.get(name, ())):
                yield from visit(other)
            path.pop()
            done.add(name)

    for name in sorted(graph):
        yield from visit(name)


def disagreements(top, rooms, names, graph):
    """What the table says and the folders do not, and the other way round."""
    there = {room_of(n) for n in names}
    for name in sorted(there ^ {r.name for r in rooms}):
        yield f"scripts/{name}: in the table or a folder, not both"
    for room in (r for r in rooms if r.name in there):
        mine = [n for n in names if room_of(n) == room.name]
        programs = {os.path.basename(n) for n in mine
                    if n.count("/") == 2 and "." not in n and read(top, n).startswith("#!")}
        needs = {room_of(u) for n in mine for u in graph.get(n, ())} - {room.name}
        for what, said, real in (("program", room.programs, programs), ("need", room.needs, needs)):
            for word in sorted(said ^ real):
                yield (f"scripts/README.rst: {room.name}: {what} {word} is "
                       + ("listed and not there" if word in said else "there and not listed"))


def full_folders(names):
    count = {}
    for name in names:
        folder = os.path.dirname(name)
        count[folder] = count.get(folder, 0) + 1
    for folder, n in sorted(count.items()):
        if n > MOST and not re.fullmatch(TESTS, folder):
            yield f"{folder or 'the top folder'} holds {n} files, more than {MOST}"


def long_lines(top, names):
    for name in (n for n in names if n.startswith("scripts/") and not n.endswith(RECORDED)):
        for n, line in enumerate(read(top, name).splitlines(), 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{name}:{n}: {len(line.expandtabs(8))} columns"


def wrong(top=TOP):
    """Every broken rule as a line of text, or None."""
    rooms, names = table(top), everything(top)
    if not rooms:
        return "scripts/README.rst has no table of rooms"
    mine = [n for n in names if re.match(r"scripts/[^/]+/", n)]
    graph = uses(top, mine, {r.name for r in rooms})
    found = list(disagreements(top, rooms, mine, graph))
    order = [r.name for r in rooms]
    if {room_of(n) for n in mine} <= set(order):
        found += upwards(graph, order)
    found += [*circles(graph), *full_folders(names), *long_lines(top, names)]
    return "\n".join(found) or None
