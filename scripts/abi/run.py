# SPDX-License-Identifier: GPL-2.0-only
"""The gate for one tree and architecture: build, compare, explain."""
import os
import time

import abi.baseline
import abi.build
import abi.layout
import abi.read.dump
import abi.read.headers
import abi.read.probe
import abi.series
import abi.uapi
import abi.judge.users
from abi.compare.change import BASELINE, REBUILD, SOURCE, STOCK, Change, merge
from abi.compare.exports import symbols_changes
from abi.compare.module import golden_changes
from abi.compare.sides import compare_sides, second_opinion
from abi.compare.types import compare, readable
from abi.judge.explain import explain
from abi.judge.policy import FAIL, policy
from abi.judge.versions import ask
from abi.kdir import ABI_BUILD, release, source
from abi.read.side import Side, coverage
from abi.read.split import joined
from abi.read.types import Dump, View
from abi.report import Result
from lib.common import TOP, CannotRun
from tree.trees import arches, by_hand, expand, has_baseline, tree_conf, trees


def pairs(wanted_trees=None, wanted_arches=None):
    """(tree, arch) of scripts/tree/trees.conf to which the series applies, or those wanted."""
    conf = trees()
    for t in wanted_trees or ():
        tree_conf(t)
    chosen = wanted_trees or (expand([]) if by_hand() else
                              [t for t in conf.sections() if conf[t]["series"] == "yes"])
    found = [(t, a) for t in chosen for a in arches(t) if not wanted_arches or a in wanted_arches]
    if not found:
        raise CannotRun("no tree and architecture left to check")
    return found


def side(folder, work, kdir):
    """A folder that was built in kdir as one side of a comparison."""
    headers = abi.build.staged_headers(folder)
    modules = {name: joined(path, work) for name, path in abi.build.modules(folder).items()}
    found = Side(modules, headers, os.path.join(folder, "abi/abi_probe.ko"),
                 os.path.join(folder, "Module.symvers"), work)
    found.headers = abi.read.headers.read(folder, headers, kdir)
    return found


def check(tree, arch, suppressions):
    """The whole gate for one tree and architecture."""
    start = time.monotonic()
    stock, ours, headers = abi.build.build_pair(tree, arch)
    reviewed = has_baseline(tree)
    result = compare_folders(tree, arch, stock, ours, headers, suppressions, reviewed=reviewed,
                             layout=reviewed)
    if not reviewed:
        result.notes.append("no baseline: compared with stock alone (scripts/tree/trees.conf)")
    result.seconds = time.monotonic() - start
    return result


def compare_folders(tree, arch, stock, ours, headers, suppressions, root=TOP, reviewed=True,
                    layout=True):
    """The comparison of two built folders.

    root has our UAPI headers; without reviewed, the files in abi/ are not used.
    """
    src = source(tree, arch)
    result = Result(f"{tree} {arch}", release(headers))
    old, new = (side(f, os.path.join(f, "dump"), headers) for f in (stock, ours))
    result.compared = coverage(old, new)
    result.pairs = [(m.path, new.modules[n].path) for n, m in sorted(old.modules.items())
                    if n in new.modules and any(e[0] == n for e in old.exports.values())]
    result.headers = abi.build.staged_headers(ours)
    result.unread = [f"stock: {u}" for u in old.unread] + [f"ours: {u}" for u in new.unread]
    changes, added = compare_sides(old, new, STOCK)
    user, asked = _uapi_changes(arch, src, root)
    changes += user
    asked.append((old.dumps, new.dumps, (), STOCK))
    blind = old.view.blind or new.view.blind
    if reviewed:
        otherwise = abi.baseline.unread(tree, arch, headers)
        result.unread, blind = result.unread + otherwise, blind or bool(otherwise)
        since, more = abi.baseline.changes(tree, arch, old, new, result)
        patched, patched_added = abi.series.compare(*abi.series.before_and_after(tree, src))
        listed = {n: (*new.exports[n][1:3], new.view.exports[n][0]) for n in added}
        listed.update(patched_added)
        added, asked = sorted(listed), asked + more
        changes += since + patched + symbols_changes(tree, listed, old.exports)
        golden, absent = golden_changes(new, arch)
        changes, result.unread = changes + golden, result.unread + absent
    changes = merge(changes)
    policy().rate(changes)
    forgiven = suppressions.apply(tree, arch, changes)
    forgiven += [c.subject for c in changes if c.level != FAIL]
    for before, after, moved, against in asked if not blind else ():
        more, crashed = second_opinion(before, after, changes, [*forgiven, *moved], against)
        changes, result.unread = changes + more, result.unread + crashed
    result.second = ask(old, new, changes)
    for c in result.second.changes:
        c.against = STOCK
    changes += result.second.changes
    if layout:
        changes += _witnesses(tree, arch, new, ours, headers, src, root)
    told = {c.subject for c in changes if not c.suppressed}
    result.changes = changes
    result.additions = [n for n in added if f"export {n}" not in told]
    policy().rate(changes)
    explain([c for c in changes if not c.suppressed], {*old.exports, *new.exports},
            abi.judge.users.index(src) if changes else {})
    result.notes += _loader_note(old, new, headers)
    for who, side_ in (("stock", old), ("ours", new)):
        result.notes += [f"{who}: the probe lacks {abi.read.probe.readable(n)}, which does not "
                         f"compile: {error}" for n, error in sorted(side_.left_out.items())]
    return result


def _uapi_changes(arch, src, root):
    """Changes of user space's headers against stock and the baseline, and what libabigail is to
    compare as well."""
    ours = abi.uapi.dump(abi.uapi.installed(src, root), arch)
    stock = abi.uapi.dump(abi.uapi.installed(src), arch)
    base = abi.baseline.need(abi.baseline.uapi_file(arch))
    view, found, asked = View([ours]), [], []
    for path, against in ((stock, STOCK), (base, BASELINE)):
        changes, _ = compare(View([path]), view)
        for c in readable(changes):
            # the programs that use these headers are not in this tree
            c.subject, c.against, c.effect = f"uapi {c.subject}", against, SOURCE
            c.exports, c.drivers = [], None
            found.append(c)
        asked.append(([path], [ours], (), against))
    return found, asked


def _witnesses(tree, arch, side_of_ours, ours, headers, src, root):
    """Disagreements of the three witnesses of layout; asked again only when something changed."""
    uapi_headers = abi.uapi.installed(src, root)
    uapi = abi.uapi.dump(uapi_headers, arch)
    mark = os.path.join(ABI_BUILD, f"{tree}-{arch}", "layout", "agreed")
    key = "".join(abi.layout.key(ours, name) for name in (f"{tree}-{arch}", f"uapi-{arch}"))
    key += os.path.basename(os.path.dirname(os.path.dirname(uapi)))
    if os.path.exists(mark) and open(mark).read() == key:
        return []
    probe = Dump(side_of_ours.dumps[-1])
    lines = abi.layout.hear(abi.layout.kernel_witnesses(tree, arch, ours, headers, probe))
    lines += abi.layout.hear(abi.layout.uapi_witnesses(arch, uapi_headers, uapi))
    if lines:
        return [Change("layout", ["the three witnesses and the table disagree"], REBUILD,
                       ["!" + x for x in lines], against=f"abi/layout/{tree}-{arch}")]
    os.makedirs(os.path.dirname(mark), exist_ok=True)
    with open(mark, "w") as f:
        f.write(key)
    return []


def _loader_note(old, new, headers):
    """Whether the distribution's own drivers load on ours, by the CRCs of its Module.symvers."""
    path, theirs = os.path.join(headers, "Module.symvers"), {}
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                crc, name, module = line.split("\t")[:3]
                if name in old.exports and module.endswith("/mdev"):
                    theirs[name] = int(crc, 16)
    known = {n: c for n, c in theirs.items() if c and n in new.exports}
    if not known:
        return ["this kernel has no MODVERSIONS, so its loader compares no types: only this gate "
                "does"] if theirs else []
    same = sum(new.exports[n][3] == c for n, c in known.items())
    if same == len(known):
        return [f"the kernel's own drivers load on ours: {same} of {len(known)} CRCs agree"]
    return [f"the kernel's loader refuses its own drivers on ours: {len(known) - same} of "
            f"{len(known)} CRCs differ"]


def tool_versions():
    return {"libabigail": abi.read.dump.version(),
            "pahole": abi.read.dump.call(["pahole", "--version"])[1].strip()}
