# SPDX-License-Identifier: GPL-2.0-only
"""One driver: its files before and after, and its verdict."""
import difflib
import os
import re

from migrate.c_text import (includes, line_changes, line_of, plain, read_raw, whole_lines,
                            with_line_ends)


class NotConverted(Exception):
    """The driver stays as it is: file, line, what is unusual there and what to do by hand."""
    verdict = "not converted"

    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


class Unreadable(NotConverted):
    """A file that spatch can't parse; nothing is known about its content."""
    verdict = "unreadable"


class InPart(NotConverted):
    """device_api is on the core, and the number of instances is not."""
    verdict = "converted in part"


class Driver:
    """The text of each file of a driver by path, old and new, and the verdict.

    Seeds are the files that use the mdev API; companions only share a header with them.
    """
    def __init__(self, seeds, companions, root):
        self.seeds, self.root = sorted(seeds), root
        self.raw = {p: read_raw(os.path.join(root, p)) for p in sorted({*seeds, *companions})}
        self.old = {p: t.replace("\r\n", "\n") for p, t in self.raw.items()}
        self.new = dict(self.old)
        self.verdict, self.path, self.line, self.reason = "nothing to do", None, None, ""
        self.api = self.count = "-"
        # the number of instances is one of each parent
        self.of_parent = False
        # the owner's word about the limit. "shown": a constant that is shown and not enforced is
        # meant as one. "parent": a limit of the driver may be the limit of each parent
        self.limit_words = set()
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
    def place(self):
        """The folder and the name."""
        return os.path.join(os.path.dirname(self.seeds[0]), self.name)

    @property
    def refused(self):
        return self.verdict in (NotConverted.verdict, Unreadable.verdict, InPart.verdict)

    def refuse(self, why):
        """Drop every change and keep the reason."""
        self.new = dict(self.old)
        self.verdict, self.reason = why.verdict, why.reason
        self.path, self.line = why.path, why.line

    def keep_half(self, why):
        """Keep the change of device_api, and the reason why the number stays."""
        self.verdict, self.reason = InPart.verdict, why.reason
        self.path, self.line = why.path, why.line

    def changed(self):
        return [p for p in self.old if self.old[p] != self.new[p]]

    def old_code(self):
        """The old text of all files, comments blanked."""
        return "\n".join(plain(t) for t in self.old.values())

    def result(self, path):
        """The new text of a file with the line ends of the old one."""
        return with_line_ends(self.raw[path], self.new[path])

    def diff(self, names=None):
        """The change as a patch; names gives a file another name there."""
        out = []
        for p in self.changed():
            name = (names or {}).get(p, p)
            out += difflib.unified_diff(whole_lines(self.raw[p]), whole_lines(self.result(p)),
                                        "a/" + name, "b/" + name)
        end = "\n\\ No newline at end of file\n"
        return "".join(x if x.endswith("\n") else x + end for x in out)

    def lines(self):
        """How many lines go, and how many come."""
        d = [x for x in self.diff().split("\n") if not x.startswith(("---", "+++"))]
        return sum(x.startswith("-") for x in d), sum(x.startswith("+") for x in d)

    def changes(self, path):
        """The places where the lines of a file differ: [(i1, i2, j1, j2), ...], counted from 0."""
        return line_changes(self.old[path], self.new[path])

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
