# SPDX-License-Identifier: GPL-2.0-only
"""One search: spin makes a C program of the model, which visits all states of its processes."""
import dataclasses
import os
import re
import shutil
import subprocess

from lib.common import CannotRun
from lib.process import finished

DEPTH, MEMORY = 2000000, 9000   # steps; MB
BITS = 34                       # 2 GiB of bits, if a state is one
SEARCH = "vfio_ccw.pml"
# process number, process, file, line
STEP = r"\s*\d+:\s+proc\s+(\d+) \((\w+):\d+\) (\S+?):(\d+) \(state -?\d+\)"
# lines that only choose, and the checks of must()
NO_STEP = ("if", "do", "fi", "od;", "", ":: (condition)", ":: else", ":: else ->", "assert(false)")


@dataclasses.dataclass
class Result:
    """found: the property that does not hold, or None; trail: the steps that lead there."""

    found: str | None
    states: int
    depth: int
    seconds: float
    megabytes: float
    trail: list
    whole: bool = True

    def figures(self):
        return (f"{self.states:,} states, depth {self.depth:,}, {self.seconds:.1f} s, "
                f"{self.megabytes:,.0f} MB" + ("" if self.whole else ", not all states: by bits, "
                                               "for a limited time"))


def command(folder, *cmd):
    """Exit code and output of a command."""
    p = finished(cmd, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                 errors="replace")
    return p.returncode, p.stdout


def number(pattern, text, kind=float):
    m = re.search(pattern, text)
    return kind(m[1]) if m else kind(0)


def readable(text, model):
    """The steps of a trail: process, line of the model, and the text of that line."""
    steps, last = [], None
    for line in text.splitlines():
        m = re.match(STEP, line)
        if not m or m[2] in ("init", "monitor") or m[3] != SEARCH:
            continue
        source = " ".join(model[int(m[4]) - 1].split())
        if (m[1], m[4]) != last and source not in NO_STEP and not source.startswith("printf"):
            steps.append(f"{m[2]}-{m[1]}:{m[4]}: {source}")
        last = (m[1], m[4])
    return steps


def search(folder, model, table, switches, shortest=False, many=False, minutes=0):
    """Search all states of a model with @switches; @shortest finds the shortest way to an error.

    @many: there are more states than an optimizing compiler needs time for. @minutes: there are too
    many to visit; search for that long, with a bit for each state instead of the state itself.
    """
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, text in ((SEARCH, model), ("fsm_table.pml", table)):
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    defines = [f"-D{s}" for s in switches]
    code, said = command(folder, "spin", "-a", *defines, SEARCH)
    if code or "rror" in said:
        raise CannotRun(f"spin does not read the model: {said.strip()[-600:]}")
    options = ["-O2" if many or minutes else "-O0", *(["-DBFS"] if shortest else []),
               "-DBITSTATE" if minutes else "-DCOLLAPSE"]
    code, said = command(folder, "gcc", "-w", "-DSAFETY", f"-DMEMLIM={MEMORY}", *options,
                         "-o", "pan", "pan.c")
    if code:
        raise CannotRun(f"gcc does not compile the search: {said[-600:]}")
    limit = [f"-w{BITS}", f"-Q{minutes}"] if minutes else []
    code, said = command(folder, "./pan", f"-m{DEPTH}", *limit)
    with open(os.path.join(folder, "pan.log"), "w") as f:
        f.write(said)
    return judge(folder, said, code, defines, model, bool(minutes))


def judge(folder, said, code, defines, model, by_bits=False):
    """The result of a search. One that was cut short has none, unless it was to end in time."""
    errors = re.search(r"errors: (\d+)", said)
    if code or not errors or "too small" in said or "out of memory" in said or \
            re.search(r"reached -DMEMLIM|exceeds|aborted", said):
        raise CannotRun(f"the search was cut short; log: {folder}/pan.log\n{said[-400:]}")
    found, trail = None, []
    if int(errors[1]):
        _, steps = command(folder, "spin", "-t", "-p", *defines, SEARCH)
        m = re.search(r"property: (\w+)", steps)
        found = m[1] if m else "deadlock" if "invalid end state" in said else "unknown"
        trail = readable(steps, model.splitlines())
    elif "Search not completed" in said and not (by_bits and "Time limit" in said):
        raise CannotRun(f"the search was cut short; log: {folder}/pan.log")
    return Result(found, number(r"(\d+) states, stored", said, int),
                  number(r"depth reached (\d+)", said, int),
                  number(r"elapsed time ([\d.e+]+) seconds", said),
                  number(r"([\d.]+)\s+total actual memory", said), trail, not by_bits)
