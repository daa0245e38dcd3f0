# SPDX-License-Identifier: GPL-2.0-only
"""The parts of make check, each a list of jobs."""
import os
import subprocess

from check import suites
from check.jobs import Job, Outcome
from check.results import ktap, logged, path_of, tail, unit_tests
from lib.common import TOP, ask, program
from tree.trees import trees


def one(part, name, *cmd, needs=(), lane=None, cost=30):
    """A job that runs one program which prints KTAP."""
    return Job(name, part, lambda: ktap(name, *cmd), needs, lane, cost)


def rows(soak):
    """Pairs TREE/ARCH that make check covers; soak covers all that the series applies to."""
    return [f"{t}/{a}" for t, conf in trees().items() if conf.get("series") == "yes"
            for a in conf.get("arches" if soak else "check", "").split()]


def covered(soak):
    """The trees of these rows."""
    return list(dict.fromkeys(row.split("/")[0] for row in rows(soak)))


def sources(*names):
    """The jobs that fetch the sources of trees."""
    return tuple(f"source {t} x86" for t in names)


def static(soak):
    here = covered(soak)
    return [one("static", "sources", "static/sources", "--trees", " ".join(here),
                needs=sources(*here), cost=40),
            one("static", "static builds", "static/builds", "--rows", " ".join(rows(soak)),
                needs=sources(*here), cost=60)]


def tools(soak):
    """The programs: unit tests, and damaged files."""
    return [Job("unit tests", "tools", lambda: unit_tests("unit tests")),
            one("tools", "damaged files", "fuzz/host-tools", *(["--runs", "1000"] if soak else []),
                needs=suites.needed("6.12", "x86", "debian"), cost=3600 if soak else 60)]


def docs(soak):
    return [one("docs", "docs", "check/docs", needs=sources("7.3"), cost=15)]


def patches(tree, *options):
    """The series, or the fixes, as patches make of a tree the same as series/apply does."""
    what = "fixes" if "--fixes" in options else "series"
    # a new machine has no author for git
    author = [f"GIT_{who}_{x}" for who in ("AUTHOR", "COMMITTER")
              for x in ("NAME=make check", "EMAIL=check@localhost")]
    code, _, errors = logged(f"{what} {tree}", ["env", *author, program("series/patches"), *options,
                                                tree])
    if code:
        return Outcome(failures=[f"the {what} for {tree}; log: {errors}\n{tail(errors)}"])
    return Outcome(passed=1)


def series(soak):
    return [Job(f"series {t}", "series", lambda t=t: patches(t), sources(t), f"series {t}", 10)
            for t in covered(soak)]


def fixes(soak):
    """The fixes for stock files: patches, builds, and tests before and after each."""
    # soak makes them with the Coccinelle of both Debians
    options = ("--fixes", "--strict", *["--other-spatch"] * soak)
    jobs = [Job(f"fixes {t} as patches", "fixes", lambda t=t: patches(t, *options), sources(t),
                f"fixes {t}", 60 if soak else 20) for t in covered(soak)]
    for arch in ("x86", "s390"):
        jobs.append(one("fixes", f"fixes on 6.12 {arch}", "check/fixes",
                        *([] if soak else ["--quick"]), "6.12", arch, cost=1800 if soak else 120,
                        needs=suites.needed("6.12", arch, "debian"), lane=f"6.12 {arch}"))
    if soak:
        for arch, variant in ("s390", "lock"), ("x86", "kasan"):
            jobs.append(one("fixes", f"fixes on 7.3 {arch}", "check/fixes", "--variant", variant,
                            "7.3", arch, needs=suites.needed("7.3", arch, variant),
                            lane=f"7.3 {arch}", cost=3600))
        # Debian has no headers of 5.10 for s390, and those of 7.2 want another compiler
        for tree, arch, variant in (("7.2", "x86", "plain"), ("7.2", "s390", "plain"),
                                    ("6.1", "x86", "debian"), ("6.1", "s390", "debian"),
                                    ("5.10", "x86", "debian"), ("5.10", "s390", "plain")):
            jobs.append(one("fixes", f"fixes for {tree} {arch} build", "check/fixes", "--build",
                            "--variant", variant, tree, arch, needs=(f"source {tree} {arch}",),
                            lane=f"{tree} {arch}", cost=240))
    return jobs


def cocci(soak):
    """The golden tests of the semantic patches, as text and as C; no counting is left."""
    here = covered(soak)
    jobs = [one("cocci", "golden tests", "migrate/golden-tests", cost=60),
            one("cocci", "golden build", "check/golden-build", needs=sources("6.12", "5.10"),
                cost=30),
            one("cocci", "counting", "migrate/counting", *here, needs=sources(*here), cost=30)]
    if soak:
        jobs.append(one("cocci", "other spatch", "migrate/compare-spatch", needs=sources(*here),
                        cost=600))
        jobs.append(Job("generated drivers", "cocci",
                        lambda: unit_tests("generated drivers", "test_generated.py",
                                           GENERATED=20000), cost=3600))
    return jobs


def abi(soak):
    """The ABI gate sees seeded changes; Debian's loader agrees with it."""
    needs = sources("7.3", "6.12")
    return [one("abi", "abi mutations", "check/abi-mutations", *(["--all"] if soak else []),
                needs=needs, lane="abi", cost=150),
            one("abi", "abi load", "check/abi-load", needs=("image 6.12 x86", *needs),
                lane="abi")]


def channel_programs(soak):
    """The translation of channel programs, in user space."""
    return [one("channel-programs", "channel programs", "fuzz/channel-programs",
                *(["--runs", "10000000"] if soak else []), cost=170)]


def model(soak):
    """All orders of the steps of vfio-ccw, in a model of it."""
    return [one("model", "model", "verify/model", "--soak" if soak else "--quick", cost=200)]


def known_bugs(suite, *options):
    """The table that is kept as Documentation/SUITE-bugs.rst."""
    table = path_of(f"{suite.replace('_', '-')}-bugs", ".rst")
    if subprocess.run([program("report/known-bugs"), suite, *options, "-o", table],
                      cwd=TOP).returncode:
        return Outcome(failures=[f"the table of known bugs, {os.path.relpath(table, TOP)}"])
    return Outcome(passed=1)


def rust(soak):
    """The crate mdev and the driver on it; in VMs, the core's selftests with that driver."""
    jobs = [one("rust", "rust", "check/rust", *(["--all"] * soak), needs=sources("7.3"),
                cost=180)]
    if soak:
        jobs.append(one("rust", "rust on s390", "check/rust", "--all", "--arch", "s390",
                        needs=sources("7.3"), cost=300))
        # kernels of their own, each of which takes minutes to build
        jobs += suites.rust()
        jobs.append(Job("C beside Rust", "rust",
                        lambda: figures("C beside Rust", "report/bench-rust"),
                        suites.needed("7.3", "x86", "rust+speed"), "7.3 x86", 120))
        # of two threads; the driver in Rust checks what its user says, those in C do not
        jobs.append(Job("a million random calls", "rust",
                        lambda: figures("a million random calls", "fuzz/calls", "--seeds", "2",
                                        "--calls", "250000", "--timeout", "7200", "7.3", "x86",
                                        "rust+kasan"),
                        suites.needed("7.3", "x86", "rust+kasan"), "7.3 x86", 3600))
    return jobs


def figures(name, *cmd):
    """A benchmark that ends with 0 if its figures are within its limits."""
    code, text, errors = logged(name, [program(cmd[0]), *cmd[1:]])
    if code:
        return Outcome(failures=[f"{name}; log: {errors}\n{text}{tail(errors)}"])
    return Outcome(passed=1, lines=text.splitlines())


def mdev(soak):
    jobs = suites.mdev(soak)
    if soak:
        # create and remove are as fast with a million mdevs present as with one
        jobs.append(Job("a million mdevs", "mdev",
                        lambda: figures("a million mdevs", "report/bench", "--million"),
                        suites.needed("6.12", "x86", "debian"), "6.12 x86", 1800))
        # boots of its own: a stock core that crashes ends the machine
        jobs.append(Job("table of the core's known bugs", "mdev",
                        lambda: known_bugs("mdev", "--run"),
                        (*suites.needed("6.12", "x86", "debian"),
                         *suites.needed("5.10", "x86", "debian"),
                         *suites.needed("7.3", "x86", "kasan")), "6.12 x86", 1200))
    return jobs


def calls_of_ccw(soak):
    """Random calls on vfio-ccw, of two threads."""
    def job(name, cost, *how):
        kernel = how[-3:]
        return Job(name, "vfio_ccw",
                   lambda: figures(name, "fuzz/calls", "--ccw", "--timeout", "7200", *how),
                   suites.needed(*kernel), f"{kernel[0]} s390", cost)

    if not soak:
        return [job("random calls on vfio-ccw", 150, "--calls", "5000", "--tries", "0", "6.12",
                    "s390", "debian")]
    # with KASAN, 8,000 calls took more than half an hour on a busy machine
    return [job("a million random calls on vfio-ccw", 10000, "--seeds", "20", "--calls", "25000",
                "6.12", "s390", "debian"),
            job("random calls on vfio-ccw with KASAN", 7200, "--seeds", "4", "--calls", "2000",
                "7.3", "s390", "kasan")]


def ccw(soak):
    jobs = suites.ccw(soak)
    if soak:
        jobs.append(Job("table of known bugs", "vfio_ccw", lambda: known_bugs("vfio_ccw"),
                        (jobs[-1].name,), judges=True))
    return [*jobs, *calls_of_ccw(soak)]


def mutations(suite, arch, cost):
    """Seeded bugs, each caught by the test that it names."""
    def jobs(soak):
        part = f"{suite}-mutations"
        # one at a time: the schedule fills the other core
        options = ["--jobs", "1", *([] if soak else ["--quick"])]
        return [one(part, part, "check/mutations", suite, *options, cost=cost,
                    needs=suites.needed("6.12", arch, "debian"), lane=f"6.12 {arch}")]
    return jobs


def fresh(soak):
    """README's first command on new systems, and the package on them."""
    jobs = [one("fresh", "fresh", "install/fresh", *(["--soak"] if soak else []), lane="fresh",
                cost=300)]
    if soak:
        jobs += [one("fresh", "install proof", "install/install-proof", lane="fresh", cost=600),
                 one("fresh", "s390 proof", "install/s390-proof", lane="fresh", cost=1800),
                 one("fresh", "clang proof", "install/clang-proof", lane="fresh", cost=240)]
    return jobs


PARTS = {
    "static": static,
    "tools": tools,
    "docs": docs,
    "series": series,
    "fixes": fixes,
    "mdev": mdev,
    "proof": lambda soak: [one("proof", "proof", "check/splat-proof", cost=120,
                               needs=("kernel 7.3 s390 lock", "kernel 7.3 x86 kasan"))],
    "mdev-mutations": mutations("mdev", "x86", 200),
    "rust": rust,
    "cocci": cocci,
    "abi": abi,
    "channel-programs": channel_programs,
    "model": model,
    "vfio_ccw": ccw,
    "vfio_ccw-mutations": mutations("vfio_ccw", "s390", 250),
    "fresh": fresh,
}


def preparation(name):
    """The job that a name in Job.needs stands for: a tree's part on this machine, or a kernel."""
    kind, *words = name.split()

    def fetch():
        code, _, errors = logged(name, [program("tree/fetch"), kind, *words])
        return Outcome(failures=[f"{name}; log: {errors}\n{tail(errors)}"] if code else [])

    def kernel():
        tree, arch, variant = words
        src = ask("series/apply", tree, arch)
        code, _, errors = logged(name, [program("build/kernel"), tree, arch, variant, "--src", src])
        return Outcome(failures=[f"{name}; log: {errors}\n{tail(errors)}"] if code else [])

    if kind == "kernel":
        return Job(name, "kernels", kernel, (f"source {words[0]} {words[1]}",), None, 60,
                   prepares=True)
    return Job(name, "trees", fetch, (), f"fetch {words[0]}", 10, prepares=True)


def jobs_of(names, soak):
    """The jobs of the parts @names, and those that they need."""
    jobs = [job for name in names for job in PARTS[name](soak)]
    known = {j.name for j in jobs}
    todo = [n for j in jobs for n in j.needs if n not in known]
    while todo:
        name = todo.pop()
        if name not in known:
            known.add(name)
            jobs.append(preparation(name))
            todo += jobs[-1].needs
    return jobs
