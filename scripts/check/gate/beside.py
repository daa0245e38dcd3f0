# SPDX-License-Identifier: GPL-2.0-only
"""libabigail alone on the seeded changes, in two versions, and the table of all answers.

libabigail is fed as the gate feeds it: with the public headers, without names of CRCs, with plain
sections. Otherwise version 2.2 aborts, and reads compressed debug info as none.
"""
import os
import subprocess
import threading

import abi.report
import abi.tools
from abi.read.dump import CHANGE, FILTER, INCOMPATIBLE, TOOL_ERROR, USAGE_ERROR
from abi.read.elf import Module
from lib.common import CannotRun
from lib.rst import simple_table
from tree.packages import unpacked

NEWEST = ("abigail-new", "forky", [
    "abigail-tools", "libabigail10", "libbpf1", "libxml2-16", "libelf1t64", "libdw1t64",
    "libbz2-1.0", "libzstd1", "zlib1g", "liblzma5", "libstdc++6", "libgcc-s1", "libc6",
    "libxxhash0", "libatomic1", "libctf0", "libbinutils", "libsframe3", "libjansson4"], 200)
PROGRAMS = ("abidw", "abidiff")
PASS = (abi.report.SAME, abi.report.ADDITIONS, abi.report.ALLOWED)
RIGHT, WORDS, SILENT, ALARM, REFUSED = ("right cause", "wrong words", "silent", "false alarm",
                                        "could not run")


def newest(program):
    top = unpacked(*NEWEST, "libabigail of Debian's newest suite could not be fetched",
                   programs=PROGRAMS)
    return os.path.join(top, "run", program)


def versions():
    """[(column, {program: path})]"""
    found = [{p: abi.tools.path(p) for p in PROGRAMS}, {p: newest(p) for p in PROGRAMS}]
    named = []
    for paths in found:
        out = subprocess.run([paths["abidw"], "--version"], capture_output=True, text=True)
        named.append((f"abidiff {'.'.join(out.stdout.split()[-1].split('.')[:2])}", paths))
    return named


def alone(paths, pairs, headers, work):
    """What libabigail says of pairs of modules: changed, same, or could not run."""
    folders = [x for f in sorted({os.path.dirname(h) for h in headers})
               for x in ("--headers-dir", f)]
    said = {_pair(paths, old, new, folders, os.path.join(work, str(n)))
            for n, (old, new) in enumerate(pairs)}
    return next((x for x in (abi.report.CHANGED, abi.report.UNREAD) if x in said), abi.report.SAME)


def _pair(paths, old, new, folders, work):
    os.makedirs(work, exist_ok=True)
    dumps = []
    for side, path in (("old", old), ("new", new)):
        plain, dump = (os.path.join(work, side + end) for end in (".ko", ".abi"))
        try:
            copy = Module(path).plain_copy()
        except CannotRun:
            return abi.report.UNREAD
        with open(plain, "wb") as f:
            f.write(copy)
        p = subprocess.run([paths["abidw"], *folders, *FILTER, plain], capture_output=True,
                           stdin=subprocess.DEVNULL)
        if p.returncode or not p.stdout.lstrip().startswith(b"<abi-corpus"):
            return abi.report.UNREAD
        with open(dump, "wb") as f:
            f.write(p.stdout)
        dumps.append(dump)
    rc = subprocess.run([paths["abidiff"], "--no-added-syms", *dumps], capture_output=True,
                        stdin=subprocess.DEVNULL).returncode
    if rc < 0 or rc & (TOOL_ERROR | USAGE_ERROR):
        return abi.report.UNREAD
    return abi.report.CHANGED if rc & (CHANGE | INCOMPATIBLE) else abi.report.SAME


class Table:
    """The answers of all readers to all seeded changes: {column: {kind of change: [answers]}}."""

    def __init__(self, work):
        self.work, self.versions, self.lock = work, versions(), threading.Lock()
        self.rows, self.columns = {}, []

    def note(self, column, name, case, result, wrong):
        """Note the gate's answer to a mutation, and ask libabigail."""
        wanted, said = case["verdict"], result.verdict()
        kind = ("must pass" if wanted in PASS else
                "not readable" if wanted == abi.report.UNREAD else "breaking")
        answer = RIGHT if not wrong else _answer(kind, said) or WORDS
        self._add(f"gate, {column}", kind, answer)
        if not result.pairs:
            return
        for version, paths in self.versions:
            work = os.path.join(self.work, column.replace(" ", "-"), name, version.split()[-1])
            self._add(f"{version}, {column}", kind,
                      _answer(kind, alone(paths, result.pairs, result.headers, work)) or RIGHT)

    def _add(self, column, kind, answer):
        with self.lock:
            self.rows.setdefault(kind, {}).setdefault(column, []).append(answer)
            if column not in self.columns:
                self.columns.append(column)

    def text(self):
        """The table as reStructuredText."""
        rows = [("seeded changes", "reader", "number", RIGHT, WORDS, SILENT, ALARM, REFUSED)]
        for kind in ("breaking", "not readable", "must pass"):
            for column in sorted(self.columns, key=lambda c: (c.split(", ")[::-1])):
                found = self.rows.get(kind, {}).get(column, [])
                rows.append((kind, column, str(len(found)),
                             *(str(found.count(x) or "") for x in rows[0][3:])))
        return simple_table(rows)


def _answer(kind, said):
    """How an answer other than the right one fails, or None."""
    if kind == "must pass":
        return {abi.report.CHANGED: ALARM, abi.report.UNREAD: REFUSED}.get(said)
    if kind == "not readable":
        return SILENT if said in PASS else None
    return SILENT if said in PASS else REFUSED if said == abi.report.UNREAD else None
