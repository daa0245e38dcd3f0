# SPDX-License-Identifier: GPL-2.0-only
"""Groups the files that use the mdev API into drivers, and finds the files that a rule must see."""
import os
import re
import subprocess

from lib.common import CannotRun
from migrate.c_text import KEPT, find_line, functions, includes, members, plain, read
from migrate.driver import Driver, NotConverted

# a file with one of these words may use the mdev API
USES = ("linux/mdev.h", "mdev_register_", "mdev_unregister_", "MDEV_TYPE_ATTR",
        "mdev_parent_ops", "mdev_type_attribute", "struct mdev_driver", "struct mdev_device",
        "struct mdev_type")
API = re.compile(r"\bmdev_(un)?register_(device|parent|driver)\b|\bmdev_parent_ops\b"
                 r"|\bMDEV_TYPE_ATTR|\bmdev_type_attribute\b|<linux/mdev\.h>"
                 r"|\bstruct mdev_(driver|parent|type|device)\b")
COUNTS_WITH = re.compile(r"\b(\w+)\s*(?:\+=|-=|\+\+|--)|(?:\+\+|--)\s*(?:\w+(?:->|\.))*(\w+)"
                         r"|\batomic(?:64)?_\w+\(([^;]*)\)")


def search(folders, *options):
    """The files below folders that have a word of the API; options are those of find."""
    words = [x for w in USES for x in ("-e", w)]
    # a folder that is given may be a link; so may a file in it, but no folder in it: links may loop
    find = subprocess.Popen(["find", "-H", *folders, *options, "-name", "*.[ch]", "-xtype", "f",
                             "-print0"], stdout=subprocess.PIPE)
    p = subprocess.run(["xargs", "-0", "-r", "-P", str(os.cpu_count() or 1), "-n", "2000",
                        "grep", "-lFZ", *words],
                       stdin=find.stdout, capture_output=True, env={**os.environ, "LC_ALL": "C"})
    # xargs exits with 123 where grep found nothing
    # it also ends so where grep could not read a file
    if p.returncode not in (0, 123) or find.wait() or p.stderr:
        raise CannotRun("searching the files failed, so nothing is known about them:\n"
                        + p.stderr.decode(errors="replace")[-600:].rstrip())
    return [os.fsdecode(x) for x in p.stdout.split(b"\0") if x]


def composites(text):
    """The sets of objects that a Makefile links into one module."""
    groups = {}
    rule = r"^([\w.-]+?)-(?:y|objs|\$\([^)]*\))\s*[:+]?=\s*((?:\\\n|[^\n])*)"
    for m in re.finditer(rule, text, re.M):
        if m.group(1) != "obj":
            objects = m.group(2).replace("\\\n", " ").split()
            groups.setdefault(m.group(1), set()).update(
                x[:-2] + ".c" for x in objects if x.endswith(".o"))
    return groups.values()


class Folder:
    """The candidates of one folder; closed: no file but these may be looked at."""
    def __init__(self, root, path, given, closed):
        self.root, self.path, self.given, self.closed = root, path, given, closed
        # of the current folder both are empty
        here = os.path.join(root, path) or "."
        self.names = [os.path.basename(f) for f in given] if closed else os.listdir(here)
        self.text = {f: read(os.path.join(root, f)) for f in given}
        self.seeds = [f for f in given if "linux/mdev.h" in self.text[f]
                      or API.search(plain(self.text[f]).replace('""', ""))]

    def known(self, path):
        if self.closed:
            return path in self.text
        return os.path.dirname(path) == self.path and \
            os.path.isfile(os.path.join(self.root, path))

    def local_includes(self, path):
        """The files of this folder that a file includes by a name in quotes."""
        found = {os.path.normpath(os.path.join(self.path, x)) for x in includes(self.text[path])}
        return {q for q in found if self.known(q)}

    def linked(self):
        """The sets of files that a makefile of this folder links into one module."""
        found = []
        for name in {"Makefile", "Kbuild"} & set(self.names):
            for group in composites(read(os.path.join(self.root, self.path, name))):
                found.append({os.path.join(self.path, x) for x in group})
        return found

    def groups(self):
        """The seeds of each driver: those that share a header or a module."""
        headers = {f: {f, *self.local_includes(f)} for f in self.seeds}
        linked = self.linked()
        group = {f: {f} for f in self.seeds}
        for a in self.seeds:
            for b in self.seeds:
                if a != b and (headers[a] & headers[b] or any(a in g and b in g for g in linked)):
                    joined = group[a] | group[b]
                    for x in joined:
                        group[x] = joined
        return sorted({tuple(sorted(g)) for g in group.values()})

    def companions(self, members):
        """Other files of the folder that see the same headers, and so may count too."""
        found = set().union(*(self.local_includes(f) for f in members))
        if any(f.endswith(".c") for f in members):
            headers = {os.path.basename(h) for h in found | set(members) if h.endswith(".h")}
            for n in self.names:
                f = os.path.join(self.path, n)
                full = os.path.join(self.root, f)
                if n.endswith((".c", ".h")) and f not in self.seeds and os.path.isfile(full):
                    if headers & {x for x in includes(read(full)) if "/" not in x}:
                        found.add(f)
        return found - set(members)


def drivers(files, root, closed=False):
    """Group files into drivers: files of one folder that share a header, or a module."""
    by_folder = {}
    for f in files:
        by_folder.setdefault(os.path.dirname(f), []).append(f)
    found = []
    for path, given in sorted(by_folder.items()):
        folder = Folder(root, path, given, closed)
        found += [Driver(g, folder.companions(g), root) for g in folder.groups()]
    return found


def refuse_parts(found):
    """Refuse the drivers of which not all files were given; return them."""
    given = {os.path.realpath(p) for d in found for p in d.old}
    refused = []
    for folder in sorted({os.path.dirname(p) for d in found for p in d.seeds}):
        near = sorted(map(os.path.normpath, search([folder or "."], "-maxdepth", "1")))
        for whole in drivers(near, ""):
            missing = [p for p in sorted({*whole.seeds, *counting_files(whole)})
                       if os.path.realpath(p) not in given]
            for d in found:
                if missing and {*d.seeds} & {*whole.seeds} and d not in refused:
                    p = d.seeds[0]
                    d.refuse(NotConverted(
                        p, find_line(d.old[p], API.pattern) or 1,
                        "part of a driver, which has API or counter in " + ", ".join(
                            map(os.path.basename, missing)) + " too: give all its files, or SRC="
                        + (folder or ".")))
                    refused.append(d)
    return refused


@KEPT
def is_show(text, name, attr):
    """Whether a function shows the attribute."""
    declared = r"\b(?:MDEV_TYPE|_)_ATTR\w*\(%s,[^;]*\b%s\b" % (attr, name)
    return name == attr + "_show" or bool(re.search(declared, text)) or \
        attr == "available_instances" and \
        bool(re.search(r"\.get_available\s*=\s*%s\b" % name, text))


def shown_members(d):
    """The members that the functions which show the number of instances read.

    A pointer that is only kept in a local variable is no number and no part of one.
    """
    found, followed = set(), set()
    for p in d.seeds:
        for name, _, body in functions(d.old[p]):
            if is_show(d.old[p], name, "available_instances") or name.endswith("get_available"):
                found |= set(re.findall(r"(?:->|\.)(\w+)", body))
                followed |= set(re.findall(r"(?:->|\.)(\w+)\s*(?=->|\.)", body))
    declared = {}
    for text in d.old.values():
        lines = text.split("\n")
        for name, line in members(text):
            if name in found:
                pointer = re.search(r"\*\s*%s\b" % name, lines[line - 1])
                declared.setdefault(name, set()).add(bool(pointer))
    return {x for x in found if x in followed or declared.get(x) != {True}}


def feeding_members(d, shown):
    """Those members, and the ones in functions that assign to them."""
    found = set(shown)
    for text in d.old.values():
        for _, _, body in functions(text):
            if any(re.search(r"(?:->|\.)%s\s*=[^=]" % w, body) for w in shown):
                found |= set(re.findall(r"(?:->|\.)(\w+)", body))
    return found


def counting_files(d):
    """The files of a driver that a rule must see: those that show or count instances."""
    shown = shown_members(d)
    feeds = feeding_members(d, shown)
    declared = {p: set(re.findall(r"\b(\w+);", plain(t))) for p, t in d.old.items()
                if p.endswith(".h")}
    # only a file that sees the declaration can mean the same member
    see = set().union(*(d.seers(h, False) for h, names in declared.items()
                        if feeds & names and shown & names))
    files = set(d.seeds)
    for p in see - files:
        text = plain(d.old[p])
        counted = {x for m in COUNTS_WITH.finditer(text) for g in m.groups() if g
                   for x in re.findall(r"\w+", g)}
        counted |= {w for w in shown if re.search(r"(?:->|\.)%s\s*=[^=]" % w, text)}
        if feeds & (counted | declared.get(p, set())):
            files.add(p)
    return sorted(files)
