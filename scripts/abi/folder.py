# SPDX-License-Identifier: GPL-2.0-only
"""The gate for two folders of modules: pairs by name, two at a time, and one report of them all.

vmlinux in a folder adds the exports of the kernel itself, or Module.symvers, which has no types.
"""
import multiprocessing
import os
import re
import time

import abi.read.places
from abi.compare.change import REBUILD, SOURCE, Change, of_export
from abi.judge.policy import policy
from abi.kernel import check_kernels, find
from abi.pair import UNPACK, check_pair
from abi.read.side import undefined
from abi.report import Result
from lib.common import CannotRun


# the name of the kernel among the modules of a folder
VMLINUX = "vmlinux"


def modules(folder):
    """{name: path} of the modules below a folder, compressed ones among them."""
    found = {}
    for d, _, names in sorted(os.walk(folder)):
        for n in names:
            plain = os.path.splitext(n)[0] if os.path.splitext(n)[1] in UNPACK else n
            if plain.endswith(".ko"):
                key = plain.removesuffix(".ko").replace("-", "_")
                if key in found:
                    raise CannotRun(f"{folder} has two modules {key}: {found[key]} and "
                                    f"{os.path.join(d, n)}; give a folder with one build")
                found[key] = os.path.join(d, n)
    if not found:
        raise CannotRun(f"no module (.ko) in {folder} or below")
    return found


def symbol_list(path):
    """The symbols of a list: one a line, below an optional heading in brackets."""
    try:
        with open(path) as f:
            words = [line.split("#")[0].strip() for line in f]
    except OSError as e:
        raise CannotRun(f"no list of symbols {path}: {e.strerror}") from None
    found = {w for w in words if w and not w.startswith("[")}
    if not found:
        raise CannotRun(f"{path} lists no symbol")
    return found


def symvers(folder):
    """{symbol: (module, GPL only?, namespace, CRC)} of Module.symvers, or None without one."""
    path = os.path.join(folder, "Module.symvers")
    if not os.path.exists(path):
        return None
    with open(path) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    return {r[1]: (r[2], r[3].endswith("_GPL"), r[4] if len(r) > 4 else "", int(r[0], 16))
            for r in rows if len(r) > 3}


def check_folders(old, new, headers, suppressions=None, symbols=None):
    """One result for all modules of two folders."""
    start, sides = time.monotonic(), (modules(old), modules(new))
    both = sorted(set(sides[0]) & set(sides[1]))
    if not both:
        raise CannotRun(f"{old} and {new} have no module in common")
    # the largest first, so that none of them is left for the end
    both.sort(key=lambda n: -os.path.getsize(sides[1][n]))
    jobs = [(sides[0][n], sides[1][n], headers, symbols, n) for n in both]
    kernels = find(old), find(new)
    if None not in kernels:
        jobs.insert(0, (*kernels, headers, symbols, VMLINUX))
    pool = multiprocessing.get_context("fork").Pool(2, abi.read.places.hold_still)
    pairs = pool.map(_pair, jobs, chunksize=1)
    pool.close()
    pool.join()
    result = Result(f"{len(both)} modules", next((p.release for p in pairs if p.release), ""))
    result.changes = _merged(pairs) + [Change(f"module {n}", ["removed"], SOURCE)
                                       for n in sorted(set(sides[0]) - set(sides[1]))]
    result.additions = sorted({n for p in pairs for n in p.additions})
    result.additions += [f"{n}.ko" for n in sorted(set(sides[1]) - set(sides[0]))]
    result.unread = _counted(p.unread for p in pairs)
    result.notes = _counted(p.notes for p in pairs)
    nowhere = set().union(*(p.undefined for p in pairs)) - set().union(*(p.defined for p in pairs))
    if nowhere:
        result.unread.append(undefined(nowhere))
    kinds = {k for p in pairs for k in p.compared}
    result.compared = {k: tuple(sum(p.compared.get(k, (0, 0))[i] for p in pairs) for i in (0, 1))
                       for k in sorted(kinds)}
    judged = [p for p in pairs if p.left_out and p.name != VMLINUX]
    if judged:
        result.left_out, result.second = judged[0].left_out, judged[0].second
    result.exports_seen = set().union(*(p.exports_seen for p in pairs))
    if None in kernels:
        _kernel(result, symvers(old), symvers(new), symbols)
    if symbols:
        _stale(result, symbols, symvers(old))
    for c in result.changes:
        c.against, c.drivers = "the old folder", None
    policy().rate(result.changes)
    if suppressions:
        suppressions.apply("*", "*", result.changes)
    result.modules = sorted(((p.name, p.verdict(), len(p.open()), p.seconds) for p in pairs),
                            key=lambda row: (-row[2], row[0]))
    result.seconds = time.monotonic() - start
    return result


def _pair(job):
    old, new, headers, symbols, name = job
    try:
        if name == VMLINUX:
            result = check_kernels(old, new, headers, symbols=symbols, whole_list=False)
        else:
            result = check_pair(old, new, headers, symbols=symbols, reached_only=True, work=name)
    except CannotRun as e:
        result = Result(name)
        result.unread = [str(e)]
    result.name = name
    return result


def _merged(pairs):
    """One change for each subject and its facts, with the exports of all modules."""
    found = {}
    for p in pairs:
        for c in p.changes:
            key = c.subject, tuple(c.facts)
            first = found.setdefault(key, c)
            first.modules = sorted({*first.modules, p.name})
            first.exports = sorted({*first.exports, *c.exports})
    return list(found.values())


def _counted(lists):
    """Sentences, each once, with the number of modules that they are about."""
    found = {}
    for sentences in lists:
        for s in sentences:
            # a sentence about one file begins with its path
            key = re.sub(r"\S+/", "", s)
            found.setdefault(re.sub(r"^\S+\.ko(\.\w+)?: ", "", key), []).append(key)
    return [some[0] if len(some) == 1 else f"{s} ({len(some)} files)" for s, some in found.items()]


def _stale(result, symbols, known):
    """Note the symbols of a list that nothing exports."""
    lost = sorted(symbols - set(known or ()) - result.exports_seen)
    if lost:
        result.unread.append(f"{len(lost)} symbols of the list are exported by no module and by "
                             f"no kernel: {', '.join(lost[:6])}")


def _kernel(result, old, new, symbols):
    """Compare the exports of the kernel itself, by Module.symvers."""
    if old is None or new is None:
        if (old is None) != (new is None):
            result.unread.append("one folder alone has Module.symvers: the exports of the kernel "
                                 "itself were not compared")
        else:
            result.notes.append("no vmlinux and no Module.symvers: the exports of the kernel "
                                "itself were not compared")
        return
    mine = {n: e for n, e in old.items() if e[0] == "vmlinux" and (not symbols or n in symbols)}
    result.compared["exports of the kernel by CRC"] = (len(mine), len(mine))
    told = {c.subject for c in result.changes}
    for name, (_, gpl, ns, crc) in sorted(mine.items()):
        now = new.get(name)
        if f"export {name}" in told:
            continue
        if now is None:
            result.changes.append(of_export(name, "removed", SOURCE, [f"-{name}"]))
        elif now[1] and not gpl:
            result.changes.append(of_export(name, "GPL only", SOURCE, []))
        elif now[2] != ns and now[2]:
            result.changes.append(of_export(name, f"in namespace {now[2]}", SOURCE, []))
        elif now[3] != crc and crc and now[3]:
            result.changes.append(of_export(name, "another CRC; its type was not read", REBUILD,
                                            [f"-CRC {crc:#010x}", f"+CRC {now[3]:#010x}"]))

