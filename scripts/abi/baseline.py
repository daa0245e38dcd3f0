# SPDX-License-Identifier: GPL-2.0-only
"""The reviewed baselines in abi/baseline: dumps of ours and of user space's headers."""
import os
import re

import abi.read.dump
from abi.compare.change import BASELINE, merge
from abi.compare.types import compare, drift, readable
from abi.read.types import View
from lib.common import TOP, CannotRun

FOLDER = os.path.join(TOP, "abi/baseline")
LOG = os.path.join(FOLDER, "log")


def files(tree, arch):
    """The dumps of ours: of mdev.ko, and of the probe."""
    return [os.path.join(FOLDER, f"{tree}-{arch}{end}") for end in (".abi", ".probe.abi")]


def uapi_file(arch):
    return os.path.join(FOLDER, f"uapi-{arch}.abi")


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
    found = merge(readable(c for c in found if c.subject not in moved))
    for c in found:
        c.against = BASELINE
    if moved:
        since = release(tree, arch) or "unknown"
        result.notes.append(f"the kernel itself moved {', '.join(sorted(moved))} since the "
                            f"baseline ({since}); make abi-update REASON=… takes the new layout")
    return found, [(dumps, ours.dumps, moved, BASELINE)]
