# SPDX-License-Identifier: GPL-2.0-only
"""The exports that the semantic patches of the series add to stock files, such as vfio's.

The same files are read before and after scripts/series/apply.
"""
import glob
import hashlib
import json
import os
import re
import shutil

from abi.compare.change import SOURCE, STOCK, of_export
from abi.kdir import ABI_BUILD
from abi.read.probe import put
from lib.common import SCRIPTS, TOP, output, series

EXPORT = re.compile(r'^EXPORT_SYMBOL((?:_NS)?(?:_GPL)?)\((\w+)(?:,\s*"?(\w+)"?)?\)', re.M)


def exports(folder, files):
    """{symbol: (GPL only?, namespace, file)} of source files."""
    found = {}
    for name in files:
        with open(os.path.join(folder, name), errors="replace") as f:
            for kind, symbol, namespace in EXPORT.findall(f.read()):
                found[symbol] = (kind.endswith("_GPL"), namespace, name)
    return found


def files_of(src):
    """Two lists of a tree's files: those that a semantic patch of the series changes, drivers
    apart, and those that a step of the series reads besides."""
    changed, read, drivers = set(), set(), set()
    for step in series().values():
        group = step.get("group", "").split()
        (drivers if step.get("cocci") == "migrate" else changed).update(group)
        read.update(step[k].split()[0] for k in ("has", "lacks", "install.lacks", "append")
                    if k in step)
    changed -= drivers
    return [sorted(n for n in names if os.path.exists(os.path.join(src, n)))
            for names in (changed, changed | read)]


def before_and_after(tree, src):
    """The exports of these files in stock and in the series; kept until a file changes."""
    changed, needed = files_of(src)
    inputs = [os.path.join(src, n) for n in needed] + [os.path.join(TOP, "series.conf")]
    inputs += sorted(glob.glob(os.path.join(TOP, "cocci/**/*.cocci"), recursive=True))
    digest = hashlib.sha256()
    for path in inputs:
        with open(path, "rb") as f:
            digest.update(path.encode() + b"\0" + f.read())
    folder, keep = (os.path.join(ABI_BUILD, "series", tree + end) for end in ("", ".json"))
    if os.path.exists(keep):
        with open(keep) as f:
            kept = json.load(f)
        if kept["of"] == digest.hexdigest():
            return kept["before"], kept["after"]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "drivers/vfio/mdev"))
    for name in needed:
        with open(os.path.join(src, name), errors="surrogateescape") as f:
            put(os.path.join(folder, name), f.read())
    before = exports(folder, changed)
    output([os.path.join(SCRIPTS, "series/apply"), "--in-place", folder])
    after = exports(folder, changed)
    with open(keep, "w") as f:
        json.dump({"of": digest.hexdigest(), "before": before, "after": after}, f)
    return before, after


def compare(before, after):
    """Changes of these exports, and {name: (GPL only?, namespace, text)} of added exports."""
    changes = []
    added = {n: (gpl, ns, f"{n} of {path}") for n, (gpl, ns, path) in after.items()
             if n not in before}
    for name, old in before.items():
        now = after.get(name)
        if now != old:
            diff = [f"-{_line(name, old)}"] + ([f"+{_line(name, now)}"] if now else [])
            fact = "exported otherwise" if now else "removed"
            changes.append(of_export(name, fact, SOURCE, diff))
            changes[-1].against = STOCK
    return changes, added


def _line(name, export):
    gpl, namespace, path = export
    kind = f"EXPORT_SYMBOL{'_NS' * bool(namespace)}{'_GPL' * gpl}"
    return f"{path}: {kind}({name}{', ' * bool(namespace)}{namespace})"
