# SPDX-License-Identifier: GPL-2.0-only
"""What the semantic patches of the series export from files that are not ours, vfio's for instance: the same files of the tree
before and after scripts/series/apply, and the exports of each.
"""
import glob
import hashlib
import json
import os
import re
import shutil

from abi.build import ABI_BUILD, put
from abi.types import SOURCE, Change
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
    """Files of a tree that a semantic patch of the series goes over, drivers apart, and all those that a step looks at."""
    changed, looked_at = set(), set()
    for step in series().values():
        if step.get("cocci", "migrate") != "migrate":
            changed.update(step["group"].split())
        looked_at.update(step[k].split()[0] for k in ("has", "lacks", "install.lacks", "append") if k in step)
    return [sorted(n for n in names if os.path.exists(os.path.join(src, n))) for names in (changed, changed | looked_at)]


def before_and_after(tree, src):
    """Exports of these files as the tree has them, and with the series; kept while neither has changed."""
    changed, needed = files_of(src)
    digest = hashlib.sha256()
    for path in [os.path.join(src, n) for n in needed] + [os.path.join(TOP, "series.conf")] + sorted(
            glob.glob(os.path.join(TOP, "cocci/**/*.cocci"), recursive=True)):
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


def compare(tree, src):
    """Changes of these exports, and {name: (GPL only?, namespace, text)} of those that came."""
    before, after = before_and_after(tree, src)
    changes, added = [], {n: (gpl, ns, f"{n} of {path}") for n, (gpl, ns, path) in after.items() if n not in before}
    for name, old in before.items():
        if after.get(name) != old:
            now = after.get(name)
            diff = [f"-{old[2]}: {line(name, old)}"] + ([f"+{now[2]}: {line(name, now)}"] if now else [])
            changes.append(Change(f"export {name}", ["exported otherwise" if now else "removed"], SOURCE, diff, [name], [name]))
    for c in changes:
        c.against = "the tree's own"
    return changes, added


def line(name, export):
    gpl, namespace, _ = export
    return f"EXPORT_SYMBOL{'_NS' * bool(namespace)}{'_GPL' * gpl}({name}{', ' * bool(namespace)}{namespace})"
