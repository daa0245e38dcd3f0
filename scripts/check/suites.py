# SPDX-License-Identifier: GPL-2.0-only
"""The virtual machines of make check: the kernels, the columns and how long each runs."""
import collections
import os
import subprocess

from check.jobs import Job, Outcome
from check.results import logged, path_of, report, tail
from lib.common import TOP, program
from vm.suites.shared import NESTED

# The number of rounds that the issue of a race asks for is that of 100 percent. A kernel with
# debugging aids does fewer: it is there for the reports that it alone can print.
Mdev = collections.namedtuple("Mdev", "tree arch variant columns percent programs cost")
MDEV = [
    Mdev("6.12", "x86", "debian", ("own", "ours"), 100, "", 170),
    Mdev("6.12", "s390", "debian", ("own", "ours"), 25, "", 120),
    Mdev("7.3", "x86", "kasan", ("ours",), 15, "", 360),
    # Races and failed allocations take minutes on an emulated s390 with lockdep, debugobjects and
    # kmemleak: they are part of soak.
    Mdev("7.3", "s390", "lock", ("ours",), 10,
         "mdev_attr_test,mdev_create_test,mdev_limit_test,mdev_module_test,mdev_hold_test", 250),
    Mdev("5.10", "x86", "debian", ("own",), 50, "", 60),
    Mdev("6.1", "x86", "debian", ("own", "ours"), 10, "", 90),
    # PREEMPT_RT: locks that sleep
    Mdev("6.12-rt", "x86", "debian", ("ours",), 5,
         "mdev_create_test,mdev_race_test,mdev_teardown_test,mdev_hold_test", 60),
]
# the kernel with gcov
GCOV = "7.3", "x86", "kasan"
# lockdep and kmemleak make minutes of the seconds that the stock core's failures take on 6.12
MDEV_SOAK = [Mdev("7.3", "s390", "lock", ("own",), 15, "", 600),
             Mdev("6.12-cloud", "x86", "debian", ("own", "ours"), 15, "", 120),
             Mdev("7.2", "x86", "plain", ("ours",), 15, "", 400),
             # KCSAN holds every watched access for a while
             Mdev("7.3", "x86", "kcsan", ("ours",), 5, "", 1500)]

# This project's core below samples of other trees, each beside the stock column. @parts: of
# build/modules; of two parts that have a sample the last wins. @drivers: see mdev_lib.h.
Samples = collections.namedtuple("Samples",
                                 "tree variant label parts drivers percent programs cost")
CONVERTED = ("samples-migrated",), "migrated"
SAMPLES = [
    Samples("5.10", "debian", "unconverted", ("samples-ours",), "old", 10, "", 60),
    Samples("5.10", "debian", "converted", *CONVERTED, 10, "", 60),
    Samples("5.10", "debian", "those of 6.1", ("samples-6.1",), "new", 10, "", 60),
    Samples("5.10", "debian", "mdpy and mbochs of 6.12", ("samples-6.1", "samples-6.12"), "new", 10,
            "mdev_attr_test,mdev_create_test,mdev_limit_test", 30),
    Samples("6.12", "debian", "converted", *CONVERTED, 10,
            "mdev_attr_test,mdev_create_test,mdev_limit_test,mdev_request_test,mdev_race_test,"
            "mdev_teardown_test,run_qemu.sh", 60),
    # the second way to open a vfio device
    Samples("7.3", "kasan", "converted", *CONVERTED, 15, "mdev_request_test,mdev_cdev_test", 90),
]
# 5.10 with every debugging aid: kmemleak and lockdep, then KASAN and lockdep
SAMPLES_SOAK = [
    *(Samples("5.10", variant, label, parts, drivers, 50, "", 300)
      for variant in ("lock", "kasan")
      for label, parts, drivers in (("unconverted", ("samples-ours",), "old"),
                                    ("converted", *CONVERTED),
                                    ("those of 6.1", ("samples-6.1",), "new"))),
    Samples("6.12", "debian", "a guest in the guest", *CONVERTED, 100, "run_nested.sh", 600)]
# The driver in Rust, and the samples in C beside it. run_qemu.sh is for x86.
BESIDE_RUST = ("mdev_fuzz,mdev_attr_test,mdev_create_test,mdev_limit_test,mdev_budget_test,"
               "mdev_pools_test,mdev_event_test,mdev_request_test,mdev_cdev_test,mdev_find_test,"
               "mdev_module_test,mdev_fault_test,mdev_race_test,mdev_teardown_test,mdev_rust_test,"
               "mdev_hold_test,mdev_window_test,mdev_register_test")
RUST = [Mdev("7.3", "x86", "rust", ("ours",), 10, "run_qemu.sh," + BESIDE_RUST, 120),
        Mdev("7.3", "x86", "rust+kasan", ("ours",), 10, "run_qemu.sh," + BESIDE_RUST, 400),
        Mdev("7.3", "s390", "rust", ("ours",), 10, BESIDE_RUST, 200)]
EXPECTED = "tools/testing/selftests/mdev/expected.txt"

# @options: of vm/suite; without any, all scenarios in as few boots as there can be
Ccw = collections.namedtuple("Ccw", "tree variant column rounds options cost")
CCW = [
    Ccw("6.12", "debian", "ours", 100, (), 120),
    Ccw("6.12", "debian", "own", 100,
        ("--scenario", "io+life+event+term", "--timeout", "300"), 120),
    Ccw("6.12", "debian", "fixed", 100,
        ("--scenario", "io+life+event+term", "--timeout", "300"), 60),
    # All windows are on 6.12. The rest of the second way to open a device, many devices, and one
    # that comes and goes are part of soak: they take ten minutes of an emulator with lockdep.
    Ccw("7.3", "lock", "ours", 10, (
        "--scenario", "io+cp+life+event+term+race", "--scenario", "window:late_event",
        "--scenario", "hotplug:purge_spares_other_drivers", "--scenario", "iommufd+io+term"), 900),
]
# vfio_iommu_type1 as the series leaves it, on Debian's kernel
CCW_TYPE1 = Ccw("6.12", "debian", "ours", 40, (
    "--patched-type1", "--label=-type1", "--scenario", "container+race:unmap_x_join"), 100)
LONG_MANY = ("--scenario", "container@container", "--seconds", "60", "--timeout", "900")
LONG_PLUG = ("--scenario", "hotplug:plug_x_bind_x_create", "--seconds", "600", "--timeout", "2400")
# KASAN; the stock driver, which crashes, hangs and loses subchannels; 5.10, whose kernel with
# lockdep and kmemleak takes longer to build than its tests to run
CCW_SOAK = [Ccw("7.3", "kasan", "ours", 20, ("--timeout", "7200"), 1500),
            Ccw("6.12", "debian", "own", 200, ("--each", "--timeout", "300"), 900),
            Ccw("7.3", "lock", "own", 200, ("--each", "--light", "--timeout", "600"), 900),
            Ccw("6.12", "debian", "fixed", 200, ("--each", "--timeout", "300"), 900),
            Ccw("7.3", "lock", "fixed", 200, ("--each", "--light", "--timeout", "600"), 900),
            Ccw("5.10", "lock", "ours", 40, (), 600),
            Ccw("5.10", "lock", "own", 40, ("--each", "--timeout", "300"), 600),
            Ccw("7.2", "plain", "ours", 40, (), 600),
            Ccw("6.1", "plain", "ours", 40, (), 600),
            # then kmemleak looks for what is left
            Ccw("7.3", "lock", "ours", 1, ("--scenario", "cycles:2000", "--timeout", "3600"), 600),
            # a guest in the guest, whose terminal comes through vfio-ccw
            *(Ccw("6.12", "debian", column, 1,
                  ("--label=-nested", "--nested", "--scenario", "nested", "--timeout", "3600"), 900)
              for column in ("own", "ours")),
            # 12 and 24 devices for a minute each, a device that comes and goes for ten minutes
            *(CCW_TYPE1._replace(column=column, rounds=3000, cost=200,
                                 options=("--patched-type1", "--label=-type1", *LONG_MANY))
              for column in ("own", "ours")),
            Ccw("6.12", "debian", "own", 3000, ("--label=-many", *LONG_MANY), 60),
            *(Ccw("7.3", "lock", column, 3000, ("--label=-plug", *LONG_PLUG), 700)
              for column in ("own", "ours"))]
SOAK_PERCENT = 1000
SECONDS = 60            # limit of one race in make check; soak has none


def needed(tree, arch, variant):
    """The names of the jobs that a kernel of a VM needs: see check/parts.py."""
    if variant == "debian":
        return f"image {tree} {arch}", f"headers {tree} {arch}", f"source {tree} {arch}"
    return (f"kernel {tree} {arch} {variant}",)


class Boots:
    """The boots of one suite for a part of make check, and the logs that they left."""

    def __init__(self, part, soak, suite=None):
        self.part, self.soak, self.suite = part, soak, suite or part
        self.jobs = []

    def add(self, name, kernel, cost, args):
        """A run of vm/suite. @kernel: tree, architecture, variant."""
        limit = [] if self.soak else ["--seconds", str(SECONDS)]

        def boot():
            code, text, errors = logged(name, [program("vm/suite"), self.suite, *kernel, *args,
                                               *limit])
            boots = [(line[0] == "0", line[2:]) for line in text.splitlines()]
            if code == 2 or not boots:
                return Outcome(boots=boots, failures=[f"{name} could not run; log: {errors}\n"
                                                      + tail(errors)])
            with open(os.path.join(TOP, errors)) as f:
                return Outcome(boots=boots, lines=[x for x in f.read().splitlines()
                                                   if x.startswith(("ok  ", "BAD ", "vm/run"))])

        nested = needed(*NESTED[kernel[1]]) if "--nested" in args else ()
        self.jobs.append(Job(name, self.part, boot, needed(*kernel) + nested,
                             " ".join(kernel[:2]), cost))

    def boots(self, name):
        """The boots of a run: whether each ended well, and its log."""
        return next((j.outcome.boots for j in self.jobs if j.name == name and j.outcome), [])

    def logs(self, name):
        """The logs of a run."""
        return [log for _, log in self.boots(name)]

    def judge(self, function):
        """The job that makes one report of all boots."""
        self.jobs.append(Job(f"{self.part} report", self.part, function,
                             tuple(j.name for j in self.jobs), None, 5, judges=True))
        return self.jobs


def mdev_args(columns, drivers, percent, programs, limit):
    """Arguments of vm/suite for the core's selftests."""
    env = [f"MDEV_TEST_SCALE={percent}"]
    if drivers:
        env.append(f"MDEV_TEST_DRIVERS={drivers}")
    if programs:
        env.append(f"MDEV_TEST_ONLY={programs}")
    return [*columns, *(x for e in env for x in ("--env", e)),
            *(["--timeout", str(limit)] if limit else [])]


def reached(logs):
    """The lines of the core that its tests reach, as gcov counts them."""
    name = "lines of the mdev core"
    code, text, errors = logged(name, [program("report/coverage"), *logs])
    with open(path_of(name, ".txt"), "w") as f:
        f.write(text)
    wrong = [x.removeprefix("FAIL ") for x in text.splitlines() if x.startswith("FAIL ")]
    if code and not wrong:
        wrong = [f"{name}, exit {code}; log: {errors}\n{tail(errors)}"]
    return Outcome(passed=int(not wrong), failures=wrong,
                   lines=[x for x in text.splitlines() if x.startswith("gcov: ")])


def mdev(soak):
    """The core's selftests on every kernel, stock beside this project's, then one report."""
    boots = Boots("mdev", soak)
    kernels = [k._replace(programs="") for k in MDEV] + MDEV_SOAK if soak else MDEV
    samples = SAMPLES + SAMPLES_SOAK if soak else SAMPLES
    stock, beside = [], []
    for k in kernels:
        name = f"mdev on {k.tree} {k.arch} {k.variant}: {', '.join(k.columns)}"
        boots.add(name, k[:3], k.cost,
                  mdev_args(k.columns, "", SOAK_PERCENT if soak and k.variant != "kcsan" else
                            k.percent, k.programs,
                            7200 if soak else 0))
        stock.append(name)
    for n, s in enumerate(samples):
        name = f"mdev on {s.tree} x86 {s.variant}, samples: {s.label}"
        boots.add(name, (s.tree, "x86", s.variant), s.cost, [
            *mdev_args(("ours",), s.drivers, s.percent, s.programs, 3600 if soak else 0),
            *(["--vmm"] if "run_qemu.sh" in s.programs else []),
            *(["--nested", "--mem", "1024M"] if "run_nested.sh" in s.programs else []),
            "--label", f"+samples{n}", *(x for p in s.parts for x in ("--samples", p))])
        beside.append((s, name))

    def lines():
        return reached(boots.logs(kasan))

    kasan = next(n for n, k in zip(stock, kernels) if k[:3] == GCOV)
    boots.jobs.append(Job("lines of the mdev core", "mdev", lines, (kasan,), None, 5,
                          judges=True))

    def judge():
        logs = [log for name in stock for log in boots.logs(name)]
        runs = list(logs)
        for s, name in beside:
            label = f"mdev, {s.tree} x86 {s.variant}, samples {s.label}"
            mine = boots.logs(name)
            own = [x for x in logs if x.endswith(f"mdev-{s.tree}-x86-{s.variant}-own.log")][:1]
            runs += [f"{label},ours={x}" for x in mine]
            runs += [f"{label},own={x}" for x in own if mine]
        if not runs:
            return Outcome(failures=["no virtual machine of the mdev suite ran"])
        return report("mdev", runs, "--expected", EXPECTED)

    return boots.judge(judge)


def rust():
    """The core's selftests with the driver in Rust, beside the samples in C."""
    boots = Boots("rust", True, "mdev")
    for k in RUST:
        name = f"mdev on {k.tree} {k.arch} {k.variant}: {', '.join(k.columns)}"
        boots.add(name, k[:3], k.cost,
                  [*mdev_args(k.columns, "migrated", k.percent, k.programs, 7200),
                   "--samples", "samples-migrated", *(["--vmm"] * (k.arch == "x86"))])

    def judge():
        logs = [f"mdev, {k.tree} {k.arch} {k.variant},ours={log}" for k in RUST
                for log in boots.logs(f"mdev on {k.tree} {k.arch} {k.variant}: ours")]
        if not logs:
            return Outcome(failures=["no virtual machine with the driver in Rust ran"])
        return report("rust", logs, "--expected", EXPECTED)

    return boots.judge(judge)


def reboot(log, ended_well, what):
    """A machine that reboots under its program has no results: it must end, and report nothing."""
    clean = subprocess.run([program("vm/splats"), log], stdout=subprocess.DEVNULL).returncode == 0
    return Outcome(passed=1) if clean and ended_well else Outcome(failures=[f"{what}: {log}"])


def ccw(soak):
    """vfio-ccw's selftests: this project's driver, and the stock one where it survives."""
    boots = Boots("vfio_ccw", soak)
    runs = [*CCW, CCW_TYPE1]
    if soak:
        runs = [c._replace(rounds=c.rounds * 10, options=("--timeout", "7200"))
                for c in CCW if c.column == "ours"] + CCW_SOAK
    names = []
    for c in runs:
        name = f"vfio-ccw on {c.tree} s390 {c.variant}: {c.column}"
        while name in [n for n, _ in names]:
            name += "'"
        boots.add(name, (c.tree, "s390", c.variant), c.cost,
                  [c.column, "--rounds", str(c.rounds), *c.options])
        names.append((name, c))

    def judge():
        logs, total = [], Outcome()
        for name, c in names:
            for ended_well, log in boots.boots(name):
                scenario = os.path.basename(log).removeprefix(c.column + "-").removesuffix(".log")
                if scenario.startswith("reboot") and c.column == "ours":
                    one = reboot(log, ended_well, f"{scenario} on {c.tree} {c.variant}")
                    total.passed += one.passed
                    total.failures += one.failures
                else:
                    logs.append(f"vfio_ccw {c.tree} s390 {c.variant} {scenario},{c.column}={log}")
        if not logs:
            return Outcome(failures=[*total.failures, "no virtual machine of vfio_ccw ran"])
        found = report("vfio_ccw", logs)
        return Outcome(total.passed + found.passed, found.skipped, total.failures + found.failures,
                       found.lines)

    return boots.judge(judge)
