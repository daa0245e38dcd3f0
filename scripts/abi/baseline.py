# SPDX-License-Identifier: GPL-2.0-only
"""The reviewed baselines in abi/baseline: dumps of ours and of user space's headers."""
import os
import re

import abi.read.dump
from abi.compare.change import BASELINE, merge
from abi.compare.headers import baseline_changes
from abi.compare.types import compare, drift, readable
from abi.read.types import View
from lib.common import TOP, CannotRun

FOLDER = os.path.join(TOP, "abi/baseline")
LOG = os.path.join(FOLDER, "log")
MADE_WITH = os.path.join(FOLDER, "made-with")
# options that change the layout of the kernel's types inside ours
OPTIONS = ("DEBUG_LOCK_ALLOC", "DEBUG_MUTEXES", "DEBUG_SPINLOCK", "KASAN", "LOCKDEP", "PREEMPT_RT",
           "RANDSTRUCT")


def files(tree, arch):
    """The dumps of ours: of mdev.ko, and of the probe."""
    return [os.path.join(FOLDER, tree, arch + end) for end in (".abi", ".probe.abi")]


def headers_file(tree, arch):
    return os.path.join(FOLDER, tree, f"{arch}.headers")


def uapi_file(arch):
    return os.path.join(FOLDER, "uapi", f"{arch}.abi")


def need(path):
    if not os.path.exists(path):
        raise CannotRun(f"no baseline {os.path.relpath(path, TOP)}: make abi-update REASON=… "
                        "writes it, and you review it")
    return path


def release(tree, arch):
    """The kernel that a baseline was made with, from the log beside it."""
    found = ""
    if os.path.exists(LOG):
        with open(LOG) as f:
            for line in f:
                m = re.match(r"(\S+)\s+(\S+)\s", line)
                if m and m[1] == f"{tree}-{arch}":
                    found = m[2]
    return found


def note(tree, arch, kernel, reason):
    """Append to the log."""
    new = not os.path.exists(LOG)
    with open(LOG, "a") as f:
        if new:
            f.write("# tree-arch\tkernel\treason: every accepted baseline; the last line of a "
                    "pair is the one in force\n")
        f.write(f"{tree}-{arch}\t{kernel}\t{reason}\n")


def made_with():
    """{tree-arch or uapi-arch: (version of libabigail, options that are on)}."""
    found = {}
    if os.path.exists(MADE_WITH):
        with open(MADE_WITH) as f:
            for line in f:
                words = line.split()
                if words and not line.startswith("#"):
                    found[words[0]] = (words[1], words[2:])
    return found


def options(headers):
    """The options of OPTIONS that are on in a headers folder."""
    with open(os.path.join(headers, "include/config/auto.conf")) as f:
        on = set(re.findall(r"^CONFIG_(\w+)=[ym]$", f.read(), re.M))
    return [o for o in OPTIONS if o in on]


def note_made_with(rows):
    """Enter rows of made_with()."""
    rows = {**made_with(), **rows}
    with open(MADE_WITH, "w") as f:
        f.write("# baseline, version of libabigail, options of the kernel that change layouts; "
                "written by make abi-update\n")
        for name, (tool, on) in sorted(rows.items()):
            f.write(" ".join((name, tool, *on)) + "\n")


def unread(tree, arch, headers, version=None):
    """Sentences about baselines that cannot be compared with this build."""
    version, made, found = version or abi.read.dump.version(), made_with(), []
    for name in (f"{tree}-{arch}", f"uapi-{arch}"):
        if name not in made:
            found.append(f"abi/baseline/made-with has no line for {name}; make abi-update "
                         "REASON=… writes it")
        elif made[name][0] != version:
            found.append(f"baseline {name} is of libabigail {made[name][0]}, and this machine has "
                         f"{version}: two versions describe one type differently")
    on = options(headers)
    if f"{tree}-{arch}" in made and made[f"{tree}-{arch}"][1] != on:
        was = " ".join(made[f"{tree}-{arch}"][1]) or "none"
        found.append(f"the kernel is configured differently from that of the baseline: it has "
                     f"{' '.join(on) or 'none'} of {' '.join(OPTIONS)}, the baseline {was}")
    return found


def changes(tree, arch, stock, ours, result):
    """Changes since the last review, and what libabigail is to compare as well.

    A type of the kernel's that moved in stock and in ours alike is a note.
    """
    dumps = [need(f) for f in files(tree, arch)]
    formats = [abi.read.dump.format_of(d) for d in (dumps[0], ours.dumps[0])]
    if formats[0] != formats[1]:
        raise CannotRun(f"the baselines are in format {formats[0]} of libabigail, the abidw here "
                        f"writes format {formats[1]}, and the two cannot be compared; use abidw "
                        "of the other major version")
    base = View(dumps)
    moved = drift(base, stock.view, ours.view)
    found, _ = compare(base, ours.view)
    found = readable(c for c in found if c.subject not in moved)
    with open(need(headers_file(tree, arch))) as f:
        found = merge(found + baseline_changes(f.read(), ours))
    for c in found:
        c.against = BASELINE
    if moved:
        since = release(tree, arch) or "unknown"
        result.notes.append(f"the kernel itself moved {', '.join(sorted(moved))} since the "
                            f"baseline ({since}); make abi-update REASON=… takes the new layout")
    return found, [(dumps, ours.dumps, moved, BASELINE)]
