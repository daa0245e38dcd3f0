# SPDX-License-Identifier: GPL-2.0-only
"""Results of the tests for known bugs: from the logs of a run, or from the page that a run made.

Both are {column: {bug: cell}} and {column: {bug: failures}}; a column is a kernel and a driver,
("6.12 Debian", "own"), a failure a pair ("FAIL", test).
"""
import configparser
import glob
import os
import re

from lib.common import TOP, CannotRun
from vm.reports import find, read

# the better first
ORDER = ("pass", "skipped", "not run", "no end", "FAIL", "splat", "hang", "crash")
REPORTS = {"oops": "crash", "panic": "crash", "hung task": "hang"}
QUIET = ("pass", "skipped", "not run")
# the drivers: the column in scripts/vm/suite, and its name in the page
DRIVERS = {"own": "stock", "fixed": "stock + fixes", "ours": "this"}
OPTIONAL = "fixed"      # a column only where it was run


def bugs_of(suite):
    """The bugs.conf of a suite of tools/testing/selftests."""
    path = os.path.join(TOP, "tools/testing/selftests", suite, "bugs.conf")
    conf = configparser.ConfigParser()
    if not conf.read(path):
        raise CannotRun(f"{path} is missing")
    return conf


def worst(results):
    return max(results, key=ORDER.index)


def leaks(lines, reports):
    """kmemleak reports at the end of a boot, so no test can be named."""
    if "kmemleak" in reports.values():
        return "FAIL"
    looks = any("kmemleak: Kernel memory leak detector initialized" in x for x in lines)
    return "pass" if looks else "skipped"


def merge(total, done):
    """Add results to @total, the worst of each test; a skipped test says nothing."""
    for name, result in done.items():
        before = total.get(name, "skipped")
        if result == "skipped" or before == "skipped":
            total[name] = before if result == "skipped" else result
        else:
            total[name] = worst([result, before])


def results_of(path):
    """The result of each test in one log. A kernel report belongs to the test before it."""
    lines, program, test, done, total = read(path), "", None, {}, {}
    reports = dict(find(lines))
    if any(x.startswith("@@GUEST end") for x in lines):
        total["boot.leaks"] = leaks(lines, reports)
    for index, line in enumerate(lines):
        reboot = program.startswith("reboot")
        if m := re.match(r"@@TEST (?:ccw_|mdev_|run_)(\S+)", line):
            # a program may run once for each way to open a device: io_test, io_test/iommufd
            merge(total, done)
            done = {}
            program = re.sub(r"_test([:/].*)?$|/.*$|\.sh$", "", m[1])
            if program.startswith("reboot"):
                test = program
                done[test] = "crash"
        elif line.startswith("@@DONE reboot "):
            done[program] = "pass"
        elif reboot and line.startswith("@@HOST bad end"):
            done[program] = "no end"
        elif (m := re.match(r"#\s+RUN\s+(\S+) \.\.\.", line)) and not reboot:
            test = f"{program}.{m[1]}"
            done[test] = "no end"
        elif (m := re.match(r"(not )?ok \d+ ([^:]+): ", line)) and program == "ops":
            # a script: the tests of one form of the driver have its name in front
            test = f"ops.{m[2].replace(' ', '_')}"
            done[test] = worst([done.get(test, "pass"), "FAIL" if m[1] else "pass"])
        elif m := re.match(r"(not )?ok \d+ (\S+)( # SKIP)?", line):
            name = f"{program}.{m[2]}"
            if done.get(name) == "no end":
                done[name] = "FAIL" if m[1] else "skipped" if m[3] else "pass"
        elif reboot and "MDEV: Unregistering" in line and done[program] == "pass":
            # the driver must keep its subchannel in a shutdown
            done[program] = "FAIL"
        if reports.get(index, "kmemleak") != "kmemleak" and test:
            done[test] = worst([done.get(test, "pass"), REPORTS.get(reports[index], "splat")])
    merge(total, done)
    return total


def of_folder(folder, driver):
    """The results of all logs of a driver in a folder, the worst of each test."""
    if not os.path.isdir(folder):
        raise CannotRun(f"{folder} is not a folder with logs: give known-bugs the argument --run")
    done = {}
    for path in sorted(glob.glob(os.path.join(folder, f"{driver}-*.log"))):
        merge(done, results_of(path))
    return done


def outcome(done, test, driver):
    """The result of one test of a bugs.conf."""
    if test.startswith("ops."):
        # run_ops.sh runs where this project's core has the interface of 5.10
        return done.get(test, "skipped")
    if not test.startswith("build:"):
        return done.get(test, "not run")
    seeded = os.path.join(TOP, "tools/testing/mutations/vfio_ccw", test[6:] + ".cocci")
    return "pass" if driver == "ours" and os.path.exists(seeded) else "skipped"


def from_logs(runs, bugs):
    """The results of bugs, {bug: tests}, on runs, {kernel: folder}."""
    cells, failures = {}, {}
    for kernel, folder in runs.items():
        for driver in DRIVERS:
            done = of_folder(folder, driver)
            if driver == OPTIONAL and not done:
                continue
            for bug, tests in bugs.items():
                found = [(outcome(done, t, driver), t) for t in tests]
                ran = [result for result, _ in found if result != "skipped"]
                cell = worst(ran or ["skipped"]) if tests else "--"
                cells.setdefault((kernel, driver), {})[bug] = cell
                failures.setdefault((kernel, driver), {})[bug] = [f for f in found
                                                                  if f[0] not in QUIET]
    return cells, failures


def from_page(text, bugs):
    """The results in a page that scripts/report/known-bugs wrote; a new bug has "not run"."""
    table = re.findall(r"^ {3}\* - (.*(?:\n {5}- .*)*)", text, re.M)
    rows = [re.split(r"\n {5}- ", row) for row in table]
    if not rows or rows[0][0] != "bug":
        raise CannotRun("the page has no table of results")
    names = {name: driver for driver, name in DRIVERS.items()}
    cells, failures = {}, {}
    for n, head in enumerate(rows[0][1:-1], 1):
        kernel, name = head.split(", ")
        column = kernel, names[name]
        told = {row[0]: row[n] for row in rows[1:]}
        cells[column] = {bug: told.get(bug, "not run" if tests else "--")
                         for bug, tests in bugs.items()}
        failures[column] = {bug: failures_in(text, bug, head) for bug in bugs}
    return cells, failures


def failures_in(text, bug, head):
    """What a page says of one bug in one column."""
    section = re.search(rf"^{bug}\n((?: .*\n)+)", text, re.M)
    words = " ".join(section[1].split()) if section else ""
    told = re.search(rf"\. {re.escape(head)}: ((?:[\w ]+ in ``[^`]+``(?:, )?)+)\.", words)
    return re.findall(r"([\w ]+?) in ``([^`]+)``", told[1].replace(", ", ",")) if told else []
