# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of test runs: failures, known problems, skips."""
import os


def problems(label, run):
    """(program, test, text) of each problem of a run."""
    for program in run.programs.values():
        for test, (word, reason, line) in program.results.items():
            place = f"({run.log}:{line})"
            if word == "FAIL":
                yield program.name, test, f"{label}: {program.name}: {test} failed {place}"
            elif word == "skip" and not reason:
                yield (program.name, "(program)",
                       f"{label}: {program.name}: {test} was skipped without a reason {place}")
        for what, line in program.faults():
            yield program.name, "(program)", f"{label}: {program.name} {what} ({run.log}:{line})"
    for what, line in run.faults:
        yield "(machine)", "(machine)", f"{label}: {what} ({run.log}:{line})"


def stock_lines(label, run, expected):
    """The problems of a stock run, and as NEWS each difference from the list of known ones."""
    name = os.path.basename(expected.path) if expected.path else ""
    for program, test, text in problems(label, run):
        why = expected.why(run, program, test)
        yield f"  shown, not counted: {text}" + (f": {why}" if why else "")
        if name and not why:
            yield f"NEWS {text}: not in {name}"
    for program, test, why in expected.gone(run):
        yield f"NEWS {label}: {program}: {test} passed; {name} lists it as failing always: {why}"


class Verdict:
    """The sum over the runs of the column ours."""

    def __init__(self, expected):
        self.expected, self.passed = expected, 0
        self.failures, self.known, self.skips = [], [], []

    def add(self, label, run):
        """Judge one more run."""
        for program, test, text in problems(label, run):
            why = self.expected.why(run, program, test)
            if why:
                self.known.append(f"{text}: {why}")
            else:
                self.failures.append(text)
        for program, test, why in self.expected.gone(run):
            self.failures.append(f"{label}: {program}: {test} passed; {self.expected.path} lists "
                                 f"it as failing always: {why}")
        for program in run.programs.values():
            self.count(f"{label}: {program.name}", program)

    def count(self, label, program):
        """Count a program's passes and skips."""
        self.passed += program.words().count("pass")
        for test, result in program.results.items():
            if result.word == "skip" and result.reason:
                self.skips.append(f"{label}: {test}: {result.reason}")
        if program.skipped:
            self.skips.append(f"{label}: {program.skipped}")

    def lines(self):
        """The last lines of a report."""
        for mark, texts in ("SKIP", self.skips), ("KNOWN", self.known), ("FAIL", self.failures):
            yield from (f"{mark} {text}" for text in texts)
        yield f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"
