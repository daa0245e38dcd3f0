# SPDX-License-Identifier: GPL-2.0-only
"""Exports: licence class, namespace, CRC, and the list of what ours exports beyond stock."""
import os

from abi.compare.change import NOTHING, REBUILD, SOURCE, of_export
from abi.compare.private import causes
from lib.common import TOP, CannotRun

REFUSES = "MODVERSIONS refuses modules built before"
# the kernel's form of a namespace that lists modules
FOR_MODULES = "module:"
SYMBOLS = os.path.join(TOP, "abi/symbols.list")


def export_changes(old, new):
    """Changes beyond the type: the licence class, the namespace, and the kind of section."""
    changes = []
    for name, (module, gpl, ns, _) in old.exports.items():
        if name not in new.exports:
            changes.append(of_export(name, "removed", SOURCE, [f"-{old.view.exports[name][0]}"]))
            continue
        module2, gpl2, ns2, _ = new.exports[name]
        places = old.modules[module].place_of(name), new.modules[module2].place_of(name)
        if places[0] != places[1]:
            changes.append(of_export(name, f"moved from {places[0]} to {places[1]}", SOURCE,
                                     [f"-{places[0]}", f"+{places[1]}"]))
        if gpl != gpl2:
            changes.append(of_export(
                name, "GPL only" if gpl2 else "no longer GPL only", SOURCE if gpl2 else NOTHING,
                [f"-EXPORT_SYMBOL{'_GPL' * gpl}", f"+EXPORT_SYMBOL{'_GPL' * gpl2}"]))
        if ns != ns2:
            changes.append(of_export(
                name, _namespace_fact(ns, ns2), SOURCE if ns2 else NOTHING,
                [f"-namespace '{ns}'", f"+namespace '{ns2}'"]))
            if ns2.startswith(FOR_MODULES):
                changes[-1].advice = ("another function, or your module's name in "
                                      "EXPORT_SYMBOL_FOR_MODULES(); no module can import it")
            elif ns2:
                changes[-1].advice = f'MODULE_IMPORT_NS("{ns2}") in the drivers, and a rebuild'
        changes += _calling_convention(name, old, new)
        returns = old.noreturn(name), new.noreturn(name)
        if returns[0] and not returns[1]:
            changes.append(of_export(name, "may return, and was noreturn", REBUILD,
                                     ["-noreturn"]))
    return changes


def _namespace_fact(old, new):
    if new.startswith(FOR_MODULES):
        return f"only for the modules {new.removeprefix(FOR_MODULES).replace(',', ', ')}"
    return f"in namespace {new}" if new else f"out of namespace {old.removeprefix(FOR_MODULES)}"


def _calling_convention(name, old, new):
    """A change if a function of one signature takes its parameters elsewhere."""
    places = old.registers(name), new.registers(name)
    if None in places or len(places[0]) != len(places[1]) \
       or old.view.exports[name][0] != new.view.exports[name][0]:
        return []
    if all(a == b or a is None or b is None for a, b in zip(*places)):
        return []
    return [of_export(name, "another calling convention", REBUILD,
                      [f"{sign}parameters in registers {', '.join(map(str, found))}"
                       for sign, found in zip("-+", places)])]


def size_changes(changes, old, new):
    """A change for each variable whose size differs although its type does not."""
    explained = {n for c in changes for n in c.exports}
    sizes = {n: (old.size_of(n), new.size_of(n)) for n in set(old.exports) & set(new.exports)}
    return [of_export(n, f"size {a} -> {b} bytes", REBUILD, [f"-{a} bytes", f"+{b} bytes"])
            for n, (a, b) in sorted(sizes.items()) if a != b and a and b and n not in explained]


def note_loader(changes, old, new):
    """Note on each change whether the kernel's own check, the CRC of a symbol, notices it.

    Return the changes for the CRCs that differ although no public type does: one for each private
    type that moved, and one for each export for which there is none.
    """
    crcs = {n: (e[3], new.exports[n][3]) for n, e in old.exports.items() if n in new.exports}
    known = {n: a != b for n, (a, b) in crcs.items() if a is not None and b is not None}
    explained = set()
    for c in changes:
        names = [n for n in c.exports if n in known]
        if c.effect == NOTHING and c.facts != ["removed"]:
            # such a change leaves the CRC as it is
            continue
        explained.update(names)
        if not known:
            c.loader = "no MODVERSIONS here: only this gate notices"
        elif any(known[n] for n in names):
            c.loader = REFUSES
        elif names:
            c.loader = "MODVERSIONS does not notice"
    moved = [n for n in sorted(known) if known[n] and n not in explained]
    found = causes(moved, old, new) if moved else []
    for c in found:
        c.loader = REFUSES
    explained = {n for c in found for n in c.exports}
    left = [of_export(n, "another CRC, though no public type differs", REBUILD,
                      [f"-CRC {crcs[n][0]:#010x}", f"+CRC {crcs[n][1]:#010x}"])
            for n in moved if n not in explained]
    for c in left:
        c.loader = REFUSES
    return found + left


def read_symbols(path=SYMBOLS):
    """[(symbol, GPL only?, namespace, trees)] of abi/symbols.list."""
    rows = []
    with open(path) as f:
        for n, line in enumerate(f, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if len(words) < 3 or words[1] not in ("EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL"):
                raise CannotRun(f"{path}:{n}: the format is "
                                "SYMBOL EXPORT_SYMBOL[_GPL] NAMESPACE-or-- [TREE...]")
            rows.append((words[0], words[1].endswith("_GPL"),
                         "" if words[2] == "-" else words[2], words[3:]))
    return rows


def symbols_changes(tree, added, stock, rows=None):
    """Compare added exports with abi/symbols.list: each is listed as it is, and none is missing.

    added is {name: (GPL only?, namespace, text)}, stock the names of the tree's own exports.
    """
    rows = read_symbols() if rows is None else rows
    listed = {s: (gpl, ns) for s, gpl, ns, trees in rows if not trees or tree in trees}
    changes = []
    for name, (gpl, ns, text) in sorted(added.items()):
        if name not in listed:
            changes.append(of_export(
                name, "added, and not in abi/symbols.list", NOTHING, [f"+{text}"]))
        elif listed[name] != (gpl, ns):
            changes.append(of_export(
                name, "not exported as abi/symbols.list says", SOURCE,
                [f"-{_kind(*listed[name])}", f"+{_kind(gpl, ns)}"]))
    for name in sorted(set(listed) - set(added)):
        why = "in abi/symbols.list, but stock exports it" if name in stock else "removed"
        changes.append(of_export(name, why, SOURCE, [f"-{name}"]))
    for c in changes:
        c.against = "abi/symbols.list"
    return changes


def _kind(gpl, namespace):
    return f"EXPORT_SYMBOL{'_GPL' * gpl} {namespace}".rstrip()
