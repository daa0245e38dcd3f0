# SPDX-License-Identifier: GPL-2.0-only
"""The gate for one tree and architecture, and for any pair of modules: build, compare, explain."""
import os
import re
import time

import abi.build
import abi.dump
import abi.gate
import abi.layout
import abi.series
import abi.uapi
import abi.users
from abi.elf import Module
from abi.gate import ABI, BASELINE, TREES_OWN, Side, View
from abi.report import Result
from abi.types import REBUILD, SOURCE, Change, Dump, compare
from lib.common import TOP, CannotRun, run
from tree.trees import trees

BASELINES = os.path.join(ABI, "baseline")


def pairs(wanted_trees=None, wanted_arches=None):
    """(tree, arch) of scripts/tree/trees.conf to which the series applies, or those that are asked for."""
    conf = trees()
    for t in wanted_trees or ():
        if t not in conf:
            raise CannotRun(f"no tree '{t}' in scripts/tree/trees.conf; there are: {' '.join(conf.sections())}")
    found = [(t, a) for t in conf.sections() for a in conf[t]["arches"].split()
             if (t in wanted_trees if wanted_trees else conf[t]["series"] == "yes") and (not wanted_arches or a in wanted_arches)]
    if not found:
        raise CannotRun("no tree and architecture left to check")
    return found


def side(folder, work):
    """A built folder as one side of a comparison."""
    return Side(abi.build.modules(folder), abi.build.public_folders(folder), os.path.join(folder, "abi/abi_probe.ko"),
                os.path.join(folder, "Module.symvers"), work)


def baseline_files(tree, arch):
    return {"mdev": os.path.join(BASELINES, f"{tree}-{arch}.abi"), "probe": os.path.join(BASELINES, f"{tree}-{arch}.probe.abi")}


def baseline_release(tree, arch):
    """The kernel that a baseline was made with, from the log beside it."""
    path, found = os.path.join(BASELINES, "log"), ""
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                m = re.match(r"(\S+)\s+(\S+)\s", line)
                if m and m[1] == f"{tree}-{arch}":
                    found = m[2]
    return found


def against_baseline(tree, arch, own, ours, result):
    """Changes since the last review; where the kernel's own types moved under both, a note."""
    files = list(baseline_files(tree, arch).values())
    for f in files:
        if not os.path.exists(f):
            raise CannotRun(f"no baseline {os.path.relpath(f, TOP)}: make abi-update REASON=… writes it, and you review it")
    if abi.dump.format_of(files[0]) != abi.dump.format_of(ours.dumps[0]):
        raise CannotRun(f"the baselines are in format {abi.dump.format_of(files[0])} of libabigail, the abidw here writes format "
                        f"{abi.dump.format_of(ours.dumps[0])}, and the two do not mix; take abidw of the other major version")
    base = View(files)
    moved = abi.gate.drift(base, own.view, ours.view)
    changes, _ = compare(base, ours.view)
    changes = abi.gate.merge([abi.gate.readable(c) for c in changes if c.subject not in moved])
    for c in changes:
        c.against = BASELINE
    if moved:
        result.notes.append(f"the kernel itself moved {', '.join(sorted(moved))} since the baseline ({baseline_release(tree, arch) or 'unknown'}); "
                            "make abi-update REASON=… takes the new layout")
    return changes, [(files, ours.dumps, moved, BASELINE)]


def against_uapi(arch, src, root):
    """What user space sees of the tree's own headers and of ours, and of the baseline."""
    ours_headers = abi.uapi.installed(src, root)
    ours_file = abi.uapi.dump(ours_headers, arch)
    own_file = abi.uapi.dump(abi.uapi.installed(src, os.path.join(src, "nothing")), arch)
    base_file = os.path.join(BASELINES, f"uapi-{arch}.abi")
    if not os.path.exists(base_file):
        raise CannotRun(f"no baseline {os.path.relpath(base_file, TOP)}: make abi-update REASON=… writes it, and you review it")
    ours, found, asked = View([ours_file]), [], []
    for path, against in ((own_file, TREES_OWN), (base_file, BASELINE)):
        changes, _ = compare(View([path]), ours)
        for c in (abi.gate.readable(c) for c in changes):
            if c:
                # programs are not in this tree: nobody can patch them
                c.subject, c.against, c.effect, c.exports, c.drivers = f"uapi {c.subject}", against, SOURCE, [], None
                found.append(c)
        asked.append(([path], [ours_file], (), against))
    return found, asked, ours_headers, ours_file


def witnesses(tree, arch, own, ours, headers, uapi_headers, uapi_file):
    """The three witnesses of layout, unless nothing has changed since they last agreed."""
    mark = os.path.join(abi.build.ABI_BUILD, f"{tree}-{arch}", "layout", "agreed")
    key = abi.layout.key(ours, f"{tree}-{arch}") + abi.layout.key(ours, f"uapi-{arch}") + os.path.basename(os.path.dirname(os.path.dirname(uapi_file)))
    if os.path.exists(mark) and open(mark).read() == key:
        return []
    lines = abi.layout.hear(abi.layout.kernel_witnesses(tree, arch, ours, headers, Dump(own.dumps[-1])))
    lines += abi.layout.hear(abi.layout.uapi_witnesses(arch, uapi_headers, uapi_file))
    if not lines:
        os.makedirs(os.path.dirname(mark), exist_ok=True)
        with open(mark, "w") as f:
            f.write(key)
        return []
    c = Change("layout", ["the three witnesses and the table disagree"], REBUILD, ["!" + x for x in lines])
    c.against = f"abi/layout/{tree}-{arch}"
    return [c]


def explain(changes, exports, users):
    """Whom each change reaches, and which semantic patch follows it."""
    for c in changes:
        if c.drivers is None or c.subject.startswith(("uapi", "sysfs", "layout", "module")):
            c.drivers = None
            continue
        names = {e for e in c.exports if e in exports} | {w for w in c.words if c.subject.endswith(f" {w}")}
        c.drivers = abi.users.reached(users, names) if users is not None else None
        c.patches = abi.users.patches(c.subject, c.words) if c.effect == SOURCE else []


def check(tree, arch, suppressions):
    """The whole gate for one tree and architecture."""
    start = time.monotonic()
    own, ours, headers = abi.build.build_pair(tree, arch)
    result = compare_folders(tree, arch, own, ours, headers, suppressions)
    result.seconds = time.monotonic() - start
    return result


def compare_folders(tree, arch, own_folder, ours_folder, headers, suppressions, root=TOP, reviewed=True, layout=True):
    """What check() does with two built folders. root has our UAPI headers; without reviewed, nothing in abi/ is looked at."""
    src = abi.build.source(tree, arch)
    result = Result(f"{tree} {arch}", abi.build.release(headers))
    old, new = (side(f, os.path.join(f, "dump")) for f in (own_folder, ours_folder))

    changes, added = abi.gate.compare_sides(old, new, TREES_OWN)
    asked = [(old.dumps, new.dumps, (), TREES_OWN)]
    uapi, ask, uapi_headers, uapi_file = against_uapi(arch, src, root)
    changes, asked = changes + uapi, asked + ask
    if reviewed:
        more, ask = against_baseline(tree, arch, old, new, result)
        odd, patched = abi.series.compare(tree, src)
        mine = {n: (*new.exports[n][1:3], new.view.exports[n][0]) for n in added}
        added = sorted({*added, *patched})
        changes += more + odd + abi.gate.symbols_changes(tree, {**mine, **patched}, old.exports) + abi.gate.golden_changes(new)
        asked += ask
    changes = abi.gate.merge(changes)
    forgiven = suppressions.apply(tree, arch, changes)
    for before, after, moved, against in asked:
        changes += abi.gate.second_opinion(before, after, changes, [*forgiven, *moved], against)
    if layout:
        changes += witnesses(tree, arch, new, ours_folder, headers, uapi_headers, uapi_file)
    told = {c.subject for c in changes if not c.suppressed}
    result.changes, result.additions = changes, [n for n in added if f"export {n}" not in told]
    explain([c for c in changes if not c.suppressed], set(old.exports) | set(new.exports), abi.users.index(src) if changes else {})
    result.notes += loader_note(old, new, headers)
    return result


def loader_note(old, new, headers):
    """What the loader of the distribution's kernel would say of its own drivers on our module: the CRCs of its Module.symvers."""
    path, theirs = os.path.join(headers, "Module.symvers"), {}
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                crc, name, module = line.split("\t")[:3]
                if name in old.exports and module.endswith("/mdev"):
                    theirs[name] = int(crc, 16)
    known = {n: c for n, c in theirs.items() if c and n in new.exports}
    if not known:
        return ["this kernel has no MODVERSIONS, so its loader compares no types: this gate alone does"] if theirs else []
    same = sum(new.exports[n][3] == c for n, c in known.items())
    return [f"the kernel's own drivers load on ours: {same} of {len(known)} CRCs agree" if same == len(known) else
            f"the kernel's loader refuses its own drivers on ours: {len(known) - same} of {len(known)} CRCs differ"]


def check_pair(old, new, headers, suppressions=None, src=None):
    """Any two builds of any module, with the folder of its public headers."""
    start = time.monotonic()
    work = os.path.join(abi.build.ABI_BUILD, "pair")
    files = [decompressed(path, os.path.join(work, w)) for path, w in ((old, "old"), (new, "new"))]
    if not os.path.isdir(headers):
        raise CannotRun(f"HEADERS={headers} is not a folder; give the one with the module's public headers")
    name = os.path.basename(files[1]).removesuffix(".ko").replace("-", "_")
    result = Result(name)
    if Module(files[0]).machine != Module(files[1]).machine:
        raise CannotRun(f"{old} and {new} are for different architectures")
    before, after = (Side({name: p}, folders_below(headers), work=os.path.join(work, w), strict=False)
                     for p, w in zip(files, ("old", "new")))
    vermagic = [m.modules[name].modinfo("vermagic").split()[:1] for m in (before, after)]
    if vermagic[0] != vermagic[1]:
        result.notes.append(f"built for different kernels ({vermagic[0][0]}, {vermagic[1][0]}): what the kernel itself moved is in the changes")
    changes, added = abi.gate.compare_sides(before, after, os.path.basename(old))
    if suppressions:
        suppressions.apply("*", "*", changes)
    changes += abi.gate.second_opinion(before.dumps, after.dumps, changes, [c.subject for c in changes if c.suppressed], os.path.basename(old))
    result.changes, result.additions = changes, added
    explain(changes, set(before.exports) | set(after.exports), abi.users.index(src) if src else None)
    result.notes.append("structs that only inline functions use are not covered: that takes a build of a probe")
    if not before.exports:
        result.notes.append(f"{old} exports nothing: its aliases, parameters and attributes in sysfs were compared")
    elif not before.view.types:
        result.notes.append(f"the exports reach no type that {headers} defines, so all types are opaque here: is it the right folder?")
    untyped = sorted(before.view.untyped | after.view.untyped)
    if untyped:
        result.notes.append(f"no type is known of {', '.join(untyped)}: only that they are exported was compared")
    result.release = vermagic[1][0] if vermagic[1] else ""
    result.seconds = time.monotonic() - start
    return result


def decompressed(path, work):
    """A module as the tools take it; distributions ship them compressed."""
    if not os.path.isfile(path):
        raise CannotRun(f"no file {path}")
    tool = {".xz": "xz", ".zst": "zstd", ".gz": "gzip"}.get(os.path.splitext(path)[1])
    if not tool:
        return path
    abi.dump.need(tool)
    os.makedirs(work, exist_ok=True)
    plain = os.path.join(work, os.path.splitext(os.path.basename(path))[0])
    with open(plain, "wb") as f:
        run([tool, "-dc", path], stdout=f, what=f"decompressing {path}")
    return plain


def folders_below(top):
    found = sorted(d for d, _, names in os.walk(top) if any(n.endswith(".h") for n in names))
    if not found:
        raise CannotRun(f"HEADERS={top} has no header in it; give the folder with the module's public headers")
    return found


def tool_versions():
    return {"libabigail": abi.dump.version(), "pahole": abi.dump.call(["pahole", "--version"])[1].strip()}
