# SPDX-License-Identifier: GPL-2.0-only
"""The comparison of two builds of a module: everything that a driver, a loader or a program can depend on.

libabigail compares the dumps; the rest of this file is what libabigail does not see, and the reasons that people gave.
"""
import configparser
import fnmatch
import os
import re
import tempfile

import abi.read.dump
from abi.read.elf import Module
from abi.read.types import NOTHING, REBUILD, SOURCE, Change, Dump, compare
from lib.common import TOP, CannotRun

ABI = os.path.join(TOP, "abi")
# of MODULE_LICENSE(), what the loader lets use GPL-only symbols
GPL = ("GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL")
TREES_OWN, BASELINE = "the tree's own", "the baseline"


class Side:
    """One side of a comparison: modules, and the dump of each."""

    def __init__(self, modules, headers, probe=None, symvers=None, work=None, strict=True):
        self.modules = {name: Module(path) for name, path in modules.items()}
        for elf in self.modules.values():
            abi.read.dump.need_debug_info(elf)
        self.exports = {n: (m, *e) for m, elf in self.modules.items() for n, e in elf.exports().items()
                        if not re.match(abi.read.dump.NOISE, n)}
        if symvers:
            self._agree(symvers)
        self.dumps = []
        for name, path in sorted(modules.items()):
            if self._exports_of(name):
                self.dumps.append(abi.read.dump.dump(path, headers, os.path.join(work, f"{name}.abi")))
        if probe:
            self.dumps.append(abi.read.dump.dump(probe, [*headers, os.path.dirname(probe)], os.path.join(work, "probe.abi")))
        self.view = View(self.dumps)
        if strict and self.view.untyped:
            raise CannotRun(f"abidw knows no type of {', '.join(sorted(self.view.untyped))}, so nothing can be said of it "
                            "(was it folded into an identical function? -fno-ipa-icf prevents that)")
        lost = [n for n in self.view.exports if n.startswith("abi_constant_") and f"enum {n}" not in self.view.types]
        lost += [k for k, t in self.view.types.items() if t.kind == "enum" and not t.members]
        if lost:
            raise CannotRun(f"abidw lost the values of {', '.join(lost)} in the probe")
        missing = [n for n in self.exports if n not in self.view.exports]
        if missing:
            raise CannotRun(f"abidw does not see {', '.join(missing)}, which {', '.join(self.modules)} exports; nothing can be said of it")

    def _exports_of(self, module):
        return [n for n, e in self.exports.items() if e[0] == module]

    def _agree(self, symvers):
        """Module.symvers is what modpost meant, the module is what was linked: they must say the same."""
        with open(symvers) as f:
            rows = [line.rstrip("\n").split("\t") for line in f]
        meant = {r[1]: (r[3].endswith("_GPL"), r[4] if len(r) > 4 else "") for r in rows
                 if os.path.basename(r[2]).replace("-", "_") in self.modules and not re.match(abi.read.dump.NOISE, r[1])}
        linked = {n: e[1:3] for n, e in self.exports.items()}
        if meant != linked:
            odd = sorted(n for n in {*meant, *linked} if meant.get(n) != linked.get(n))
            raise CannotRun(f"{symvers} and the modules beside it disagree about {', '.join(odd)}: build them again from scratch")


class View:
    """Several dumps of one build as one: the types of the headers, and every export."""

    def __init__(self, dumps):
        parts = [Dump(d) for d in dumps]
        self.types, self.exports = {}, {}
        for p in parts:
            self.types.update(p.types)
            self.exports.update(p.exports)
        self.untyped = {n for p in parts for n in p.untyped}

    reached_by, exports_reaching = Dump.reached_by, Dump.exports_reaching


def readable(change):
    """In the words of the header instead of those of the probe."""
    m = re.match(r"(export|enum) abi_(struct|union|enum|typedef|constant|inline)_(\w+)$", change.subject)
    change.exports = sorted({re.sub(r"^abi_inline_", "inline ", e) for e in change.exports
                             if not re.match(r"abi_(struct|union|enum|typedef|constant)_", e)})
    if not m:
        return change
    kind, name = m[2], m[3]
    change.words = {name}
    if kind == "constant":
        change.subject = f"constant {name}"
        values = [re.search(r"= (-?\d+)", x) for x in change.diff if x[0] in "+-"]
        values = [v[1] for v in values if v]
        change.facts = ["removed"] if m[1] == "export" else [f"{' -> '.join(values)}"]
        change.effect = SOURCE if m[1] == "export" else REBUILD
    elif kind == "inline":
        change.subject = f"inline {name}"
        change.diff = [x.replace(f"abi_inline_{name}", name) for x in change.diff]
    elif change.facts != ["removed"]:
        return None
    else:
        # the type itself is gone from the dump too, and said there
        change.subject = f"{kind} {name}" if kind != "typedef" else f"typedef {name}"
        change.facts = ["no longer public"]
    return change


def export_changes(old, new):
    """What the loader looks at beyond the name: who may use it, and under which namespace."""
    changes = []
    for name, (_, gpl, ns, crc) in old.exports.items():
        if name not in new.exports:
            changes.append(Change(f"export {name}", ["removed"], SOURCE, [f"-{old.view.exports[name][0]}"], [name], [name]))
            continue
        _, gpl2, ns2, crc2 = new.exports[name]
        if gpl2 and not gpl:
            changes.append(Change(f"export {name}", ["GPL only"], SOURCE, ["-EXPORT_SYMBOL", "+EXPORT_SYMBOL_GPL"], [name], [name]))
        elif gpl and not gpl2:
            changes.append(Change(f"export {name}", ["no longer GPL only"], NOTHING, ["-EXPORT_SYMBOL_GPL", "+EXPORT_SYMBOL"], [name], [name]))
        if ns != ns2:
            said = f"in namespace {ns2}" if ns2 else f"out of namespace {ns}"
            changes.append(Change(f"export {name}", [said], SOURCE if ns2 else NOTHING, [f"-namespace '{ns}'", f"+namespace '{ns2}'"],
                                  [name], [name]))
    return changes


def merge(changes):
    """One entry for each subject, however many comparisons saw it."""
    found = {}
    for c in changes:
        if c is None:
            continue
        first = found.setdefault(c.subject, c)
        if first is not c:
            first.facts += [f for f in c.facts if f not in first.facts]
            first.effect = max(first.effect, c.effect)
            first.words |= c.words
            if not first.diff:
                first.diff = c.diff
            if c.against not in first.against.split(" and "):
                first.against += f" and {c.against}"
    return list(found.values())


def note_loader(changes, old, new):
    """Whether the kernel's own check, the CRC of each symbol, would notice; and a CRC that changed for no reason that we see."""
    crcs = {n: (old.exports[n][3], new.exports[n][3]) for n in old.exports if n in new.exports}
    known = {n: a != b for n, (a, b) in crcs.items() if a is not None and b is not None}
    explained = set()
    for c in changes:
        names = [n for n in c.exports if n in known]
        explained.update(names)
        if not known:
            c.loader = "no MODVERSIONS here: nothing but this gate notices"
        elif any(known[n] for n in names):
            c.loader = "MODVERSIONS refuses modules built before"
        elif names:
            c.loader = "MODVERSIONS does not notice"
    odd = sorted(n for n, differs in known.items() if differs and n not in explained)
    return [Change(f"export {n}", ["another CRC, though no public type differs"], REBUILD,
                   [f"-CRC {crcs[n][0]:#010x}", f"+CRC {crcs[n][1]:#010x}"], [n], [n]) for n in odd]


def libabigail(old, new, forgiven):
    """libabigail's own verdict on pairs of dumps, but for the types and exports in forgiven: [(dump, its report)] of what differs."""
    found = []
    with tempfile.NamedTemporaryFile("w", suffix=".suppr") as f:
        for subject in forgiven:
            kind, _, name = subject.partition(" ")
            if kind in ("export", "inline", "constant"):
                f.write(f"[suppress_function]\n  name_regexp = ^(abi_{kind}_)?{name}$\n  change_kind = all\n\n")
                f.write(f"[suppress_type]\n  name = abi_constant_{name}\n\n" if kind == "constant" else "")
            else:
                f.write(f"[suppress_type]\n  name = {name or kind}\n  has_size_change = yes\n\n")
                f.write(f"[suppress_function]\n  name = abi_{kind}_{name}\n  change_kind = all\n\n")
        f.flush()
        for a, b in zip(old, new):
            differs, text = abi.read.dump.changed(a, b, f.name if forgiven else None)
            if differs:
                found.append((b, text))
    return found


def compare_sides(old, new, against):
    """All changes that we see from one build to another, and the exports that came."""
    changes, added = compare(old.view, new.view)
    changes = merge([readable(c) for c in changes] + export_changes(old, new))
    changes += note_loader(changes, old, new)
    for name in sorted(set(old.modules) & set(new.modules)):
        elsewhere = {a: (m, shown) for m, elf in new.modules.items() if m != name for a, shown in elf.sysfs_attributes().items()}
        changes += sysfs_changes(old.modules[name].sysfs_attributes(), new.modules[name].sysfs_attributes(), against, elsewhere)
        changes += modinfo_changes(name, old.modules[name], new.modules[name])
    for c in changes:
        c.against = against
    return changes, sorted(n for n in added if n in new.exports)


def modinfo_changes(name, old, new):
    """What modprobe, udev and the command line know of a module: its licence, the names it is loaded by, its parameters."""
    facts, diff = [], []
    if old.modinfo("license") in GPL and new.modinfo("license") not in GPL:
        facts.append("no longer under the GPL to the loader")
        diff += [f"-license={old.modinfo('license')}", f"+license={new.modinfo('license')}"]
    for key, what in (("alias", "alias"), ("parmtype", "parameter")):
        for gone in sorted(set(old.modinfos(key)) - set(new.modinfos(key))):
            facts.append(f"{what} {gone} removed")
            diff.append(f"-{key}={gone}")
    return [Change(f"module {name}", facts, SOURCE, diff)] if facts else []


def second_opinion(old, new, changes, forgiven, against):
    """libabigail's verdict; where it alone sees a change, that is a change."""
    differs = libabigail(old, new, forgiven)
    if not differs or any(not c.suppressed for c in changes):
        return []
    found = [Change("libabigail", [f"sees a change in {os.path.basename(b)}"], REBUILD, [x for x in text.splitlines() if x.strip()][:60])
             for b, text in differs]
    for c in found:
        c.against = against
    return found


def sysfs_changes(old, new, against, elsewhere=()):
    """Attributes of sysfs: name, mode and format, byte by byte. elsewhere: {name: (module, attribute)} of the other modules."""
    changes = []
    for name in sorted(old):
        if name not in new and name in elsewhere:
            module, attribute = elsewhere[name]
            changes.append(Change(f"sysfs {name}", [f"shown by {module} instead"], NOTHING, [
                f"-{sysfs_line(name, old[name])}", f"+{sysfs_line(name, attribute)}"]))
        elif name not in new:
            changes.append(Change(f"sysfs {name}", ["removed"], SOURCE, [f"-{sysfs_line(name, old[name])}"]))
        elif old[name] != new[name]:
            facts = []
            if old[name][0] != new[name][0]:
                facts.append(f"mode {old[name][0]:04o} -> {new[name][0]:04o}")
            if old[name][1] != new[name][1]:
                facts.append("another format")
            changes.append(Change(f"sysfs {name}", facts, SOURCE, [f"-{sysfs_line(name, old[name])}", f"+{sysfs_line(name, new[name])}"]))
    for c in changes:
        c.against = against
    return changes


def sysfs_line(name, attribute):
    mode, formats = attribute
    quoted = " ".join('"' + f.replace("\\", "\\\\").replace("\n", "\\n") + '"' for f in formats)
    return f"{name} {mode:04o} {quoted}".rstrip()


def read_golden(path):
    """{module: ({attribute: (mode, [formats])}, {other text})} of abi/sysfs.golden."""
    found = {}
    with open(path) as f:
        for n, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            m = re.match(r'(\w+) attr (\w+) (\d+)((?: "[^"]*")*)$|(\w+) text "([^"]*)"$', line.strip())
            if not m:
                raise CannotRun(f"{path}:{n}: not 'MODULE attr NAME MODE \"FORMAT\"' or 'MODULE text \"TEXT\"'")
            attributes, text = found.setdefault(m[1] or m[5], ({}, set()))
            if m[1]:
                attributes[m[2]] = (int(m[3], 8), sorted(x.replace("\\n", "\n") for x in re.findall(r'"([^"]*)"', m[4])))
            else:
                text.add(m[6].replace("\\n", "\n"))
    return found


def golden_changes(side):
    changes = []
    golden = read_golden(os.path.join(ABI, "sysfs.golden"))
    for module, (attributes, text) in golden.items():
        if module not in side.modules:
            continue
        have = side.modules[module].sysfs_attributes()
        changes += sysfs_changes(attributes, have, "abi/sysfs.golden")
        for name in sorted(set(have) - set(attributes)):
            changes.append(Change(f"sysfs {name}", ["not in abi/sysfs.golden"], NOTHING, [f"+{sysfs_line(name, have[name])}"]))
        strings = side.modules[module].strings()
        for t in sorted(text - strings):
            changes.append(Change(f"sysfs text {t!r}", ["removed"], SOURCE, [f"-{t!r}"]))
    for c in changes:
        c.against = c.against or "abi/sysfs.golden"
    return changes


def read_symbols():
    """[(symbol, GPL only?, namespace, trees)] of abi/symbols.list: what we export beyond the tree."""
    rows, path = [], os.path.join(ABI, "symbols.list")
    with open(path) as f:
        for n, line in enumerate(f, 1):
            words = line.split("#")[0].split()
            if words and (len(words) < 3 or words[1] not in ("EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL")):
                raise CannotRun(f"{path}:{n}: not 'SYMBOL EXPORT_SYMBOL[_GPL] NAMESPACE-or-- [TREE...]'")
            if words:
                rows.append((words[0], words[1].endswith("_GPL"), "" if words[2] == "-" else words[2], words[3:]))
    return rows


def symbols_changes(tree, added, own):
    """Additions, {name: (GPL only?, namespace, text)}, must be listed as they are; what is listed must be added. own: the tree's exports."""
    changes = []
    listed = {s: (gpl, ns) for s, gpl, ns, trees in read_symbols() if not trees or tree in trees}
    for name, (gpl, ns, text) in sorted(added.items()):
        if name not in listed:
            changes.append(Change(f"export {name}", ["added, and not in abi/symbols.list"], NOTHING, [f"+{text}"], [name], [name]))
        elif listed[name] != (gpl, ns):
            changes.append(Change(f"export {name}", ["not exported as abi/symbols.list says"], SOURCE, [
                f"-EXPORT_SYMBOL{'_GPL' * listed[name][0]} {listed[name][1]}".rstrip(), f"+EXPORT_SYMBOL{'_GPL' * gpl} {ns}".rstrip()], [name], [name]))
    for name in sorted(set(listed) - set(added)):
        why = "in abi/symbols.list, but the tree exports it itself" if name in own else "removed"
        changes.append(Change(f"export {name}", [why], SOURCE, [f"-{name}"], [name], [name]))
    for c in changes:
        c.against = "abi/symbols.list"
    return changes


class Suppressions:
    """abi/suppressions: intended changes, each with a reason; one that matches nothing is an error."""

    def __init__(self, path=None):
        self.path = path or os.path.join(ABI, "suppressions")
        self.conf = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        try:
            self.conf.read(self.path)
        except configparser.Error as e:
            raise CannotRun(f"{self.path}: {e}") from None
        for s in self.conf.sections():
            missing = [k for k in ("change", "reason") if not self.conf[s].get(k, "").strip()]
            if missing:
                raise CannotRun(f"{self.path}: [{s}] has no {' and no '.join(missing)}")
        self.matched, self.asked = set(), set()

    def apply(self, tree, arch, changes):
        """Mark what is intended; an intended fact no longer counts. Return the subjects that are wholly intended."""
        for s in self.conf.sections():
            if self.covers(s, tree, arch):
                self.asked.add(s)
                for c in changes:
                    for i in c.ids():
                        if fnmatch.fnmatchcase(i, self.conf[s]["change"]):
                            self.matched.add(s)
                            c.intended = getattr(c, "intended", {})
                            c.intended[i] = self.conf[s]["reason"].strip()
        for c in changes:
            intended = getattr(c, "intended", {})
            if c.facts and all(i in intended for i in c.ids()):
                c.suppressed = "; ".join(sorted(set(intended.values())))
        return [c.subject for c in changes if c.suppressed]

    def covers(self, section, tree, arch):
        conf = self.conf[section]
        return fnmatch.fnmatchcase(tree, conf.get("tree", "*")) and fnmatch.fnmatchcase(arch, conf.get("arch", "*"))

    def stale(self, unseen=()):
        """Entries that were asked about and matched nothing, but for those that may yet match in a pair of unseen."""
        return sorted(s for s in self.asked - self.matched if not any(self.covers(s, t, a) for t, a in unseen))


def drift(baseline, own, ours):
    """Keys of types that differ from the baseline in ours and in the tree's own alike: the kernel moved, not we."""
    return {k for k, t in ours.types.items() if k in baseline.types and k in own.types
            and t.lines() == own.types[k].lines() and t.lines() != baseline.types[k].lines()}
