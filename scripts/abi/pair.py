# SPDX-License-Identifier: GPL-2.0-only
"""The gate for any two builds of any module, with the folder of its public headers."""
import os
import time

import abi.read.dump
import abi.users
from abi.compare.sides import compare_sides, second_opinion
from abi.explain import explain
from abi.kdir import ABI_BUILD
from abi.read.elf import Module
from abi.read.side import Side
from abi.report import Result
from lib.common import CannotRun, run

UNPACK = {".xz": "xz", ".zst": "zstd", ".gz": "gzip"}


def check_pair(old, new, headers, suppressions=None, src=None):
    """The result for two files of a module; src is a kernel tree whose drivers are named."""
    start = time.monotonic()
    works = [os.path.join(ABI_BUILD, "pair", side) for side in ("old", "new")]
    files = [decompressed(path, work) for path, work in zip((old, new), works)]
    if not os.path.isdir(headers):
        raise CannotRun(f"HEADERS={headers} is not a folder; give the one with the module's "
                        "public headers")
    if Module(files[0]).machine != Module(files[1]).machine:
        raise CannotRun(f"{old} and {new} are for different architectures")
    name = os.path.basename(files[1]).removesuffix(".ko").replace("-", "_")
    sides = [Side({name: path}, folders_below(headers), work=work, strict=False)
             for path, work in zip(files, works)]
    against = os.path.basename(old)
    changes, added = compare_sides(*sides, against)
    if suppressions:
        suppressions.apply("*", "*", changes)
    changes += second_opinion(sides[0].dumps, sides[1].dumps, changes,
                              [c.subject for c in changes if c.suppressed], against)
    explain(changes, {*sides[0].exports, *sides[1].exports}, abi.users.index(src) if src else None)
    result = Result(name)
    result.changes, result.additions = changes, added
    vermagic = [(s.modules[name].modinfo("vermagic").split() or [""])[0] for s in sides]
    result.release = vermagic[1]
    result.notes = _notes(old, headers, sides, vermagic)
    result.seconds = time.monotonic() - start
    return result


def _notes(old, headers, sides, vermagic):
    notes = []
    if vermagic[0] != vermagic[1]:
        notes.append(f"built for different kernels ({vermagic[0]}, {vermagic[1]}): the changes "
                     "include those of the kernel itself")
    notes.append("structs that only inline functions use are not covered: that takes a build of "
                 "a probe")
    if not sides[0].exports:
        notes.append(f"{old} exports nothing: its aliases, parameters and attributes in sysfs "
                     "were compared")
    elif not sides[0].view.types:
        notes.append(f"the exports reach no type that {headers} defines, so all types are opaque "
                     "here: is it the right folder?")
    untyped = sorted(sides[0].view.untyped | sides[1].view.untyped)
    if untyped:
        notes.append(f"no type is known of {', '.join(untyped)}: only their presence was compared")
    return notes


def decompressed(path, work):
    """An uncompressed copy of a module that a distribution ships compressed."""
    if not os.path.isfile(path):
        raise CannotRun(f"no file {path}")
    tool = UNPACK.get(os.path.splitext(path)[1])
    if not tool:
        return path
    abi.read.dump.need(tool)
    os.makedirs(work, exist_ok=True)
    plain = os.path.join(work, os.path.splitext(os.path.basename(path))[0])
    with open(plain, "wb") as f:
        run([tool, "-dc", path], stdout=f, what=f"decompressing {path}")
    return plain


def folders_below(top):
    found = sorted(d for d, _, names in os.walk(top) if any(n.endswith(".h") for n in names))
    if not found:
        raise CannotRun(f"HEADERS={top} has no header in it; give the folder with the module's "
                        "public headers")
    return found
