# SPDX-License-Identifier: GPL-2.0-only
"""Test results in a console log: KTAP of each program, and the state of the machine."""
import collections
import re

from vm.reports import STAMP, find

RESULT = re.compile(r"(?P<bad>not )?ok +(?P<number>\d+) *(?P<rest>.*)")
DIRECTIVE = re.compile(r"# *(?P<what>SKIP|XFAIL|TODO|XPASS)\b:? *(?P<reason>.*)", re.I)
PLAN = re.compile(r"1\.\.(\d+)(?: *# *SKIP\b:? *(.*))?")

# word: pass, FAIL or skip; reason: of a skip, "" if the test gave none; line: in the log
Result = collections.namedtuple("Result", "word reason line")


class Program:
    """A test program: its plan, its results, its exit code."""

    def __init__(self, name, line):
        self.name, self.line = name, line
        self.plan = self.code = None
        self.skipped = None             # reason of "1..0 # SKIP reason"
        self.results = {}               # name of a test -> Result

    def take(self, text, line):
        """Note a line of the program's output, if it is KTAP."""
        if m := RESULT.match(text):
            self.result(m, line)
        elif m := PLAN.match(text):
            # a program that includes the tests of another one prints two plans
            self.plan = (self.plan or 0) + int(m[1])
            if m[1] == "0":
                self.skipped = (m[2] or "").strip()

    def result(self, m, line):
        """Note a test's result; @m: a match of RESULT."""
        d = DIRECTIVE.search(m["rest"])
        what = d["what"].upper() if d else ""
        name = (m["rest"][:d.start()] if d else m["rest"]).strip(" -") or f"#{m['number']}"
        while name in self.results:
            name += "'"
        if what == "SKIP":
            self.results[name] = Result("skip", d["reason"].strip(), line)
        elif m["bad"] and what not in ("XFAIL", "TODO"):
            self.results[name] = Result("FAIL", None, line)
        else:
            self.results[name] = Result("pass", None, line)

    def words(self):
        """The word of each result: pass, FAIL or skip."""
        return [r.word for r in self.results.values()]

    def faults(self):
        """(text, line) of each fault of the program as a whole."""
        for text in (self.plan_fault(), *self.code_faults(), self.skip_fault()):
            if text:
                yield text, self.line

    def plan_fault(self):
        count = len(self.results)
        if self.code is None:
            planned = "?" if self.plan is None else self.plan
            return f"did not end ({count} of {planned} results)"
        if self.plan is None:
            return "printed no plan"
        return f"planned {self.plan} and gave {count} results" if self.plan != count else None

    def code_faults(self):
        failed = "FAIL" in self.words()
        if self.code not in (None, 0, 4) and not failed:
            yield f"ended with {self.code}, and no result says why"
        if failed and self.code == 0:
            yield "ended with 0 although a test failed"

    def skip_fault(self):
        all_skipped = self.skipped is not None or self.code == 4
        if all_skipped and not self.skipped and "skip" not in self.words():
            return "was skipped without a reason"
        return None


class Run:
    """One console log: programs with their results, kernel reports, faults of the machine."""

    def __init__(self, lines, log):
        self.log = log
        self.programs = {}              # name -> Program
        self.faults = []                # (text, line), no program's own
        self.where = ()                 # WHERE of an expected.txt: the core, the core/its drivers
        self.reports = find(lines)
        self.current = self.end = None  # the program that runs; the exit code of the guest's script
        for number, line in enumerate(lines, 1):
            # a kernel message may follow on half a line
            self.take(STAMP.split(line, maxsplit=1)[0], number)
        self.check_end(len(lines))
        self.check_reports(lines)

    def take(self, text, number):
        """Note a line of the log."""
        marks = {"@@TEST ": self.test, "@@DONE ": self.done, "@@CORE ": self.core,
                 "@@STUCK ": self.stuck, "@@GUEST end ": self.guest_end}
        for mark, function in marks.items():
            if text.startswith(mark):
                function(text.removeprefix(mark), number)
                return
        if self.current:
            self.programs[self.current].take(text, number)

    def test(self, text, number):
        name = text.split()[0]
        while name in self.programs:
            name += "'"
        self.programs[name] = Program(name, number)
        self.current = name

    def done(self, text, number):
        name, code = (text.split() + ["1"])[:2]
        if self.current and self.current.rstrip("'") == name:
            self.programs[self.current].code = int(code)
        else:
            running = self.current or "nothing"
            self.faults.append((f"{name} ended, but {running} was running", number))
        self.current = None

    def core(self, text, _):
        core, drivers = (text.split() + ["", ""])[:2]
        self.where = (core, f"{core}/{drivers}")

    def stuck(self, text, number):
        self.faults.append((f"module {text.strip()} could not be removed", number))

    def guest_end(self, text, _):
        self.end = int(text.split()[0])

    def check_end(self, last):
        if self.end is None:
            self.faults.append(("the VM did not reach its end", last))
        if not self.programs:
            self.faults.append(("no test program ran", last))
        elif self.end and not self.bad():
            text = f"the guest's script returned {self.end}, and no result says why"
            self.faults.append((text, last))

    def check_reports(self, lines):
        """One fault for each kind of kernel report, at the first of its kind."""
        kinds = collections.Counter(kind for _, kind in self.reports)
        for kind, count in sorted(kinds.items()):
            first = next(index for index, k in self.reports if k == kind)
            reports = "kernel report" if count == 1 else "kernel reports"
            text = f"{count} {reports} of kind {kind}: {lines[first].strip()[:100]}"
            self.faults.append((text, first + 1))

    def bad(self):
        """Whether anything is wrong apart from kernel reports."""
        return bool(self.faults) or any("FAIL" in p.words() or list(p.faults())
                                        for p in self.programs.values())

    def machine(self):
        """The machine's cell of a table."""
        count = len(self.reports)
        words = f"{count} report" if count == 1 else f"{count} reports"
        return words if self.end is not None else words + ", no end"
