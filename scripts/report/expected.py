# SPDX-License-Identifier: GPL-2.0-only
"""Lists with reasons, such as expected.txt of the selftests: tests that are known not to pass."""
import collections
import fnmatch

from lib.common import CannotRun
from vm.reports import read

Entry = collections.namedtuple("Entry", "where often program test reason")


def entry(line):
    """The five fields of a line, or None where its form is wrong."""
    fields = line.split("\t")
    if len(fields) != 5 or fields[1] not in ("always", "sometimes") or not all(fields):
        return None
    return fields


def lines_of(path, form):
    """The fields of each line of a list that has five; @form: their names, for a message."""
    for number, line in enumerate(read(path), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = entry(line)
        if not fields:
            raise CannotRun(f"{path}:{number}: a line is {form}, with one tab between them")
        yield fields


class Expected:
    """The entries of the file @path; none without a file."""

    def __init__(self, path):
        self.path = path
        form = "WHERE, always or sometimes, PROGRAM, TEST and REASON"
        self.entries = [Entry(*fields) for fields in lines_of(path, form)] if path else []

    def why(self, run, program, test):
        """The reason why a test of a run is known not to pass, or None."""
        return next((e.reason for e in self.entries
                     if e.where in run.where and e.program == program
                     and fnmatch.fnmatchcase(test, e.test)), None)

    def gone(self, run):
        """(program, test, reason) of each test that is listed as "always", and passed."""
        for e in self.entries:
            if e.where not in run.where or e.often != "always":
                continue
            for program in run.programs.values():
                for test, result in program.results.items():
                    if (program.name == e.program and result.word == "pass"
                            and fnmatch.fnmatchcase(test, e.test)):
                        yield program.name, test, e.reason
