# SPDX-License-Identifier: GPL-2.0-only
"""Outcomes of the programs that make check calls: KTAP, unit tests, the report over several VMs."""
import os
import re
import subprocess

from check.jobs import Outcome
from lib.common import OUT, TOP, program
from lib.process import finished

FOLDER = os.path.join(OUT, "check")


def path_of(name, suffix):
    """A file under out/check/ for a job."""
    return os.path.join(FOLDER, re.sub(r"[^\w.+-]+", "-", name) + suffix)


def logged(name, cmd):
    """Run @cmd with its messages in a file; return exit code, output, and the file's name."""
    errors = path_of(name, ".log")
    with open(errors, "w") as f:
        p = finished(cmd, stdout=subprocess.PIPE, stderr=f, text=True, cwd=TOP)
    return p.returncode, p.stdout, os.path.relpath(errors, TOP)


def tail(path, lines=12):
    """The end of a log, for a message."""
    with open(os.path.join(TOP, path), errors="replace") as f:
        return "".join("    " + x for x in f.readlines()[-lines:]).rstrip()


def count(text):
    """An Outcome of KTAP; a plan that its results don't match is a failure."""
    o, notes = Outcome(), []
    plan = re.search(r"^1\.\.(\d+)", text, re.M)
    number = 0
    for line in text.splitlines():
        m = re.match(r"(not )?ok \d+ ?(.*)", line)
        if not m:
            # diagnostics stand before their result
            notes = notes + [line] if line.startswith("#") else []
            continue
        number += 1
        if "# SKIP" in m[2]:
            o.skipped += 1
            if not m[2].split("# SKIP")[1].strip(" :"):
                o.failures.append(f"{m[2]}: a skip without a reason")
        elif m[1]:
            o.failures.append("\n".join([m[2], *notes[-20:]]))
        else:
            o.passed += 1
        notes = []
    if not plan or int(plan[1]) != number:
        o.failures.append(f"the plan says {plan[1] if plan else 'nothing'}, there are "
                          f"{number} results")
    return o


def ktap(name, *cmd):
    """Run a program of scripts/ that prints KTAP."""
    code, text, errors = logged(name, [program(cmd[0]), *cmd[1:]])
    with open(path_of(name, ".ktap"), "w") as f:
        f.write(text)
    o = count(text)
    if code not in (0, 1) or (code == 1 and not o.failures):
        o.failures.append(f"{cmd[0]} ended with {code}; log: {errors}\n{tail(errors)}")
    return o


def unit_tests(name, pattern="test_*.py", **variables):
    """Run the unit tests of the scripts: the files of this pattern, with these variables set."""
    code, _, errors = logged(name, ["env", *(f"{k}={v}" for k, v in variables.items()), "python3",
                                    "-m", "unittest", "discover", "-s", "scripts/tests", "-p",
                                    pattern])
    with open(os.path.join(TOP, errors)) as f:
        text = f.read()
    m = re.search(r"^Ran (\d+) tests?", text, re.M)
    skipped = re.search(r"skipped=(\d+)", text)
    number, skips = int(m[1]) if m else 0, int(skipped[1]) if skipped else 0
    if code or not number:
        return Outcome(failures=[f"unit tests of scripts/; log: {errors}\n{tail(errors, 30)}"])
    return Outcome(passed=number - skips, skipped=skips)


def report(name, logs, *options):
    """The report over the logs of several VMs, out/check/NAME.txt."""
    path = path_of(name, ".txt")
    code, text, errors = logged(f"{name}-report",
                                [program("report/ktap-report"), "-o", path, *options, *logs])
    m = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", text, re.M)
    if not m:
        return Outcome(failures=[f"no report about {name} (exit {code}); log: {errors}\n"
                                 + tail(errors)])
    failures = re.findall(r"^FAIL (.*)$", text, re.M)
    failures += [f"{name}: see {os.path.relpath(path, TOP)}"] * (int(m[2]) - len(failures))
    news = [x for x in text.splitlines() if x.startswith(("NEWS", "KNOWN"))]
    return Outcome(int(m[1]), int(m[3]), failures, news)
