# SPDX-License-Identifier: GPL-2.0-only
"""The gate for any two builds of any module, with the folder of its public headers."""
import functools
import os
import time
from concurrent.futures import ThreadPoolExecutor

import abi.read.dump
import abi.judge.users
from abi.compare.sides import compare_sides, second_opinion
from abi.judge.explain import explain
from abi.judge.policy import FAIL, policy
from abi.judge.versions import ask, not_asked, prefetch
from abi.kdir import ABI_BUILD
from abi.read.elf import Module
from abi.read.side import Side, coverage
from abi.read.split import joined
from abi.report import Result
from lib.common import CannotRun, run
from lib.words import few

UNPACK = {".xz": "xz", ".zst": "zstd", ".gz": "gzip"}


def check_pair(old, new, headers, suppressions=None, src=None, symbols=None, reached_only=False,
               work=""):
    """The result for two files of a module; src is a kernel tree whose drivers are named.

    symbols are the only exports that count, if given. With reached_only, a type counts if an export
    leads to it: the headers are those of a whole kernel. work tells apart pairs that run at a time.
    """
    start = time.monotonic()
    works = [os.path.join(ABI_BUILD, "pair", work, side) for side in ("old", "new")]
    files = [joined(decompressed(path, work), work) for path, work in zip((old, new), works)]
    if not headers or not os.path.isdir(headers):
        raise CannotRun(f"HEADERS={headers} is not a folder; give the one with the module's "
                        "public headers")
    if Module(files[0]).machine != Module(files[1]).machine:
        raise CannotRun(f"{old} and {new} are for different architectures")
    name = os.path.basename(files[1]).removesuffix(".ko").replace("-", "_")
    with ThreadPoolExecutor(4) as pool:
        # the tool works while the sides are read, and its answer is kept
        early = [] if reached_only else [pool.submit(prefetch, path, symbols) for path in files]
        sides = list(pool.map(lambda path, work: Side({name: path}, headers_below(headers),
                                                      work=work, symbols=symbols,
                                                      reached_only=reached_only), files, works))
        for task in early:
            task.result()
    against = os.path.basename(old)
    changes, added = compare_sides(*sides, against)
    policy().rate(changes)
    if suppressions:
        suppressions.apply("*", "*", changes)
    crashed = []
    if not any(s.view.blind for s in sides):
        forgiven = [c.subject for c in changes if c.suppressed or c.level != FAIL]
        more, crashed = second_opinion(sides[0].dumps, sides[1].dumps, changes, forgiven, against)
        changes += more
    second = (not_asked("of two folders; it takes a second for four megabytes of a module")
              if reached_only else ask(*sides, changes))
    for c in second.changes:
        c.against = against
    changes += second.changes
    policy().rate(second.changes)
    explain(changes, {*sides[0].exports, *sides[1].exports},
            abi.judge.users.index(src) if src else None)
    result = Result(name)
    result.changes, result.additions, result.second = changes, added, second
    result.exports_seen = sides[0].all_exports
    result.compared = coverage(*sides)
    result.headers = headers_below(headers)
    result.pairs = [tuple(files)]
    result.undefined = sides[0].undefined | sides[1].undefined
    result.defined = sides[0].types_seen & sides[1].types_seen
    result.left_out = {
        "header": "constants, macros and inline functions are not in a module",
        "uapi": "a module has no headers for user space", "gate": "a pair has no baselines"}
    vermagic = [s.modules[name].modinfo("vermagic").split() or [""] for s in sides]
    result.release = vermagic[1][0]
    for path, side in zip((old, new), sides):
        result.unread += [f"{path}: {u}" for u in side.unread]
    if vermagic[0][1:] != vermagic[1][1:]:
        result.unread.append("the kernels were configured differently: '%s' and '%s'"
                             % tuple(" ".join(v[1:]) for v in vermagic))
    result.unread += configurations(sides) + crashed
    if vermagic[0][0] != vermagic[1][0]:
        result.notes.append(f"built for different kernels ({vermagic[0][0]}, {vermagic[1][0]}): "
                            "the changes include those of the kernel itself")
    unseen = sorted(sides[0].types_unseen() & sides[1].types_unseen())
    if unseen and not reached_only:
        result.notes.append(f"not in the debug info, so not compared: {few(unseen)}")
    result.notes.append("constants, macros and inline functions are in the headers and not in a "
                        "module: comparing them takes a build of a probe")
    result.seconds = time.monotonic() - start
    return result


def configurations(sides):
    """Sentences about two kernel configurations that differ: types then differ for that reason."""
    old, new = (s.configuration() for s in sides)
    differ = [f"{what} ({old[what]} and {new[what]} bytes)" for what in sorted(set(old) & set(new))
              if old[what] != new[what]]
    return [f"the kernels were configured differently: {', '.join(differ)}"] if differ else []


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


@functools.lru_cache(maxsize=4)
def headers_below(top):
    found = sorted(os.path.join(d, n) for d, _, names in os.walk(top) for n in names
                   if n.endswith(".h"))
    if not found:
        raise CannotRun(f"HEADERS={top} has no header in it; give the folder with the module's "
                        "public headers")
    return found
