# SPDX-License-Identifier: GPL-2.0-only
"""One driver: its files before and after, and its verdict."""
import difflib
import os
import re

from migrate.c_text import includes, line_of, plain, read


class NotConverted(Exception):
    """The driver stays as it is: file, line, what is unusual there and what to do by hand."""
    verdict = "not converted"

    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


class Unreadable(NotConverted):
    """A file that spatch can't parse; nothing is known about its content."""
    verdict = "unreadable"


def line_ends(path):
    """The line ends of a file: "\\n" or "\\r\\n", None where it has both."""
    with open(path, "rb") as f:
        data = f.read()
    windows = data.count(b"\r\n")
    return "\n" if not windows else "\r\n" if windows == data.count(b"\n") else None


class Driver:
    """The text of each file of a driver by path, old and new, and the verdict.

    Seeds are the files that use the mdev API; companions only share a header with them.
    """
    def __init__(self, seeds, companions, root):
        self.seeds, self.root = sorted(seeds), root
        self.old = {p: read(os.path.join(root, p)) for p in sorted({*seeds, *companions})}
        # the text has "\n"; see result()
        self.ends = {p: line_ends(os.path.join(root, p)) for p in self.old}
        self.new = dict(self.old)
        self.verdict, self.path, self.line, self.reason = "nothing to do", None, None, ""
        self.api = self.count = "-"
        # each removed piece of code: (path, line, kind, text)
        self.removed = []

    @property
    def name(self):
        stems = [os.path.basename(p)[:-2] for p in self.seeds]
        if len(stems) == 1:
            return stems[0]
        registers = [p for p in self.seeds
                     if re.search(r"\bmdev_register_(device|parent)\b", plain(self.old[p]))]
        return os.path.commonprefix(stems).rstrip("_-.") or \
            os.path.basename((registers or self.seeds)[0]).rsplit(".", 1)[0]

    @property
    def refused(self):
        return self.verdict in (NotConverted.verdict, Unreadable.verdict)

    def refuse(self, why):
        """Drop every change and keep the reason."""
        self.new = dict(self.old)
        self.verdict, self.reason = why.verdict, why.reason
        self.path, self.line = why.path, why.line

    def changed(self):
        return [p for p in self.old if self.old[p] != self.new[p]]

    def old_code(self):
        """The old text of all files, comments blanked."""
        return "\n".join(plain(t) for t in self.old.values())

    def result(self, path):
        """The new text with the line ends of the file."""
        return self.new[path].replace("\n", self.ends[path] or "\n")

    def diff(self):
        out = []
        for p in self.changed():
            head, *lines = difflib.unified_diff(
                self.old[p].splitlines(True), self.new[p].splitlines(True), "a/" + p, "b/" + p)
            out += [head, lines.pop(0)]
            # of the file's own lines, not of the hunks' heads
            out += [x if x.startswith("@@") else x.rstrip("\n") + (self.ends[p] or "\n")
                    for x in lines]
        return "".join(out)

    def lines(self):
        """How many lines go, and how many come."""
        d = [x for x in self.diff().split("\n") if not x.startswith(("---", "+++"))]
        return sum(x.startswith("-") for x in d), sum(x.startswith("+") for x in d)

    def changes(self, path):
        """The places where the lines of a file differ: [(i1, i2, j1, j2), ...], counted from 0."""
        a, b = self.old[path].split("\n"), self.new[path].split("\n")
        return [x[1:] for x in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
                if x[0] != "equal"]

    def original_line(self, path, n):
        """The line of the old text from which line n of the new one comes."""
        shift = 0
        for i1, i2, j1, j2 in self.changes(path):
            if n <= j1:
                break
            if n <= j2:
                return i1 + 1
            shift = i2 - j2
        return n + shift

    def original_place(self, path, text, offset):
        """Path and old line of an offset in the new text, for NotConverted."""
        return path, self.original_line(path, line_of(text, offset))

    def included_by(self, path):
        """A file and the driver's headers that it includes, directly or not."""
        seen = [path]
        for p in seen:
            names = {os.path.basename(x) for x in includes(self.old[p])}
            seen += [h for h in self.old if os.path.basename(h) in names and h not in seen]
        return seen

    def seers(self, path, private):
        """The files that see the declarations of a file; private ones only itself."""
        if not path.endswith(".h"):
            return [path] if private else sorted(self.old)
        return sorted(p for p in self.old if path in self.included_by(p))
