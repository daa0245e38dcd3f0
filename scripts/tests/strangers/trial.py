# SPDX-License-Identifier: GPL-2.0-only
"""Converts generated drivers, and runs them on a core in user space before and after."""
import collections
import os
import re
import subprocess
import tempfile

from lib.common import CannotRun
from migrate.conversion import convert_all
from migrate.grouping import drivers
from migrate.patches import write_files
from strangers.grammar import write

HERE = os.path.dirname(os.path.abspath(__file__))
FIXED = ("device_api_show", "available_instances_show", "mdev_type_attr_device_api",
         "mdev_type_attr_available_instances")
WARNINGS = ("-Wall", "-Wno-unused-function", "-Wno-unused-value", "-Wunused-variable",
            "-Wunused-label", "-Wuninitialized")
# drivers in one program
MOST = 50
# drivers that are converted together
SHARE = 500


class Trial:
    """One generated driver: as written, as converted, and the verdict of the tool."""
    def __init__(self, number, folder):
        self.number, self.made = number, write(number)
        self.folder = os.path.join(folder, self.made.name)
        write_files(self.folder, self.made.files)
        paths = [os.path.join(self.made.name, p) for p in sorted(self.made.files)]
        self.drivers = drivers(paths, folder, closed=True)
        self.ran = {}

    @property
    def refused(self):
        return next((d for d in self.drivers if d.refused), None)

    @property
    def converted(self):
        return any(d.verdict == "converted" for d in self.drivers) and not self.refused

    @property
    def changed(self):
        """Whether the driver is converted, whole or in part."""
        return any(d.changed() for d in self.drivers)

    def texts(self, stage):
        """{path: text}, before or after the conversion."""
        return {p: t for d in self.drivers
                for p, t in (d.old if stage == "before" else d.new).items()}


def program(trials, stage, folder):
    """The source of a program that runs these drivers, each with its names kept apart."""
    lines = [f'#include "{HERE}/core.h"', f'#include "{HERE}/run.h"']
    for t in trials:
        for word in FIXED:
            lines += [f"#undef {word}", f"#define {word} {t.made.name}_{word}"]
        lines += [f'#include "{folder}/{p}"' for p in sorted(t.texts(stage)) if p.endswith(".c")]
    return "\n".join(lines + ["int main(void)", "{", *(
        f'\trun("{t.made.name}", {t.made.entry}, {t.made.parents});' for t in trials),
        "\treturn 0;", "}", ""])


def build_and_run(trials, stage, top):
    """Sets what each driver did at a stage, or the compiler's messages about it."""
    folder = os.path.join(top, stage)
    for header in ("mdev", "slab", "vfio"):
        write_files(os.path.join(top, "include/linux"), {header + ".h": ""})
    for t in trials:
        write_files(folder, t.texts(stage))
    source, binary = (os.path.join(top, stage + x) for x in (".c", ".run"))
    write_files(top, {stage + ".c": program(trials, stage, folder)})
    era = ["-DTYPES"] if trials[0].made.shapes["interface"] == "5.13" else []
    p = subprocess.run(["gcc", "-O1", "-std=gnu11", *WARNINGS, *era, "-I", top + "/include",
                        "-o", binary, source], capture_output=True, text=True)
    said = {}
    for path, what in re.findall(r"(?m)^(\S+?):\d+:\d+: ((?:warning|error): .*)$", p.stderr):
        said.setdefault(os.path.relpath(path, folder).split("/")[0], []).append(what)
    bad = [t for t in trials if said.get(t.made.name)]
    for t in bad:
        t.ran[stage] = "\n".join(said[t.made.name])
    good = [t for t in trials if t not in bad]
    if p.returncode and not bad:
        raise CannotRun(f"gcc fails on {source}:\n{p.stderr[-800:]}")
    if bad and good:
        build_and_run(good, stage, top)
    elif good:
        run = subprocess.run([binary], capture_output=True, text=True, errors="replace")
        lines = dict(x.split(":", 1) for x in run.stdout.splitlines() if ":" in x)
        for t in good:
            t.ran[stage] = lines.get(t.made.name, f"did not run (exit code {run.returncode})")


def judge(t):
    """What is wrong with a driver's conversion or its refusal, or None."""
    if not re.match(r" 0 ", t.ran["before"]):
        return "generator: " + t.ran["before"]
    if t.changed and t.ran["after"] != t.ran["before"]:
        return f"wrong: it behaves otherwise\n    {t.ran['before']}\n    {t.ran['after']}"
    if t.converted:
        left = [d for d in t.drivers if d.verdict == "nothing to do"]
        return f"silent: {left[0].seeds[0]} is left as it is" if left else None
    if not t.refused:
        return "silent: nothing to do"
    d = t.refused
    said = f"{d.path}:{d.line}: {d.reason}"
    if not t.made.reasons:
        return "refused: " + said
    if not any(re.search(r, d.reason) for r in t.made.reasons):
        return f"reason: {said} (expected: {' or '.join(t.made.reasons)})"
    return None


def run(numbers, kind=Trial):
    """{number: what is wrong}, and the number of converted and of refused drivers."""
    wrong, count = {}, collections.Counter()
    for at in range(0, len(numbers), SHARE):
        with tempfile.TemporaryDirectory(prefix="strangers.") as top:
            trials = [kind(n, os.path.join(top, "source")) for n in numbers[at:at + SHARE]]
            convert_all([d for t in trials for d in t.drivers], timeout=300)
            by_era = collections.defaultdict(list)
            for t in trials:
                by_era[t.made.shapes["interface"] == "5.13"].append(t)
            for same in by_era.values():
                for i in range(0, len(same), MOST):
                    build_and_run(same[i:i + MOST], "before", top)
                    done = [t for t in same[i:i + MOST] if t.changed]
                    if done:
                        build_and_run(done, "after", top)
            for t in trials:
                count["converted" if t.converted else "refused"] += 1
                said = judge(t)
                if said:
                    wrong[t.number] = (said, t)
    return wrong, count
