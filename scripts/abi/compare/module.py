# SPDX-License-Identifier: GPL-2.0-only
"""The interface of a module beyond its exports: sysfs attributes and .modinfo."""
import os
import re

from abi.compare.change import NOTHING, SOURCE, Change
from abi.read.calls import UNKNOWN
from abi.read.sysfs import Attribute
from lib.common import TOP, CannotRun

GOLDEN = os.path.join(TOP, "abi/sysfs.golden")
# values of MODULE_LICENSE() that let a module use GPL-only symbols
GPL = ("GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL")

GOLDEN_LINE = re.compile(
    r'(?P<module>\w+) (?:attr (?P<name>[\w/+]+) (?P<mode>\d+)(?: "[^"]*")*'
    r'|(?P<text>text) "[^"]*"|only (?P<arches>\w+(?: \w+)*))$')


def modinfo_changes(name, old, new):
    """The name, licence, aliases, soft dependencies and parameters, as modprobe and udev read
    them."""
    facts, diff = [], []

    def fact(text, *lines):
        facts.append(text)
        diff.extend(lines)

    names = [m.modinfo("name") for m in (old, new)]
    if all(names) and names[0] != names[1]:
        fact(f"renamed to {names[1]}", f"-name={names[0]}", f"+name={names[1]}")
    licences = [m.modinfo("license") for m in (old, new)]
    if licences[0] in GPL and licences[1] not in GPL:
        fact("no longer under the GPL to the loader", f"-license={licences[0]}",
             f"+license={licences[1]}")
    for key, what in (("alias", "alias"), ("parmtype", "parameter"), ("softdep", "softdep"),
                      ("weakdep", "weakdep"), ("firmware", "firmware")):
        for gone in sorted(set(old.modinfos(key)) - set(new.modinfos(key))):
            fact(f"{what} {gone} removed", f"-{key}={gone}")
    modes = old.parameters(), new.parameters()
    gone = set(old.modinfos("parmtype")) - set(new.modinfos("parmtype"))
    told = {p.partition(":")[0] for p in gone}
    for p in sorted(set(modes[0]) - set(modes[1]) - told - {None}):
        fact(f"parameter {p} removed", f"-{p}")
    if old.can_unload() and not new.can_unload():
        fact("can no longer be unloaded", "-module_exit()")
    for p in sorted(set(modes[0]) & set(modes[1])):
        if modes[0][p] != modes[1][p]:
            was, now = (f"{m[p]:04o}" for m in modes)
            fact(f"parameter {p} mode {was} -> {now}", f"-{p} {was}", f"+{p} {now}")
    return [Change(f"module {name}", facts, SOURCE, diff)] if facts else []


def sysfs_changes(old, new, against, elsewhere=()):
    """Attributes of sysfs: name, mode and format, byte by byte.

    elsewhere is {name: (module, attribute)} of the other modules.
    """
    changes = []
    for name in sorted(old):
        facts, effect, now = [], SOURCE, new.get(name)
        if now is None and name.split("/")[-1] in elsewhere:
            module, now = elsewhere[name.split("/")[-1]]
            facts, effect = [f"shown by {module} instead"], NOTHING
        elif now is None:
            facts = ["removed"]
        else:
            facts = _attribute_facts(old[name], now)
        if facts:
            diff = [f"-{old[name].line(name)}"] + ([f"+{now.line(name)}"] if now else [])
            changes.append(Change(f"sysfs {name}", facts, effect, diff, against=against))
    return changes


def _attribute_facts(old, new):
    facts = []
    if old.mode != new.mode:
        facts.append(f"mode {old.mode:04o} -> {new.mode:04o}")
    if not old.same_format(new):
        facts.append("another format")
    if bool(old.hidden_by) != bool(new.hidden_by):
        facts.append(f"may be hidden by {new.hidden_by}()" if new.hidden_by
                     else f"no longer hidden by {old.hidden_by}()")
    elif old.hidden_by and old.modes != new.modes:
        facts += [f"is_visible no longer gives mode {m:04o}"
                  for m in old.modes if m not in new.modes]
        facts += [f"is_visible gives mode {m:04o}" for m in new.modes if m not in old.modes]
    return facts


def uevent_changes(old, new):
    """Uevents: the action that each function of the old module sends, and their variables."""
    (was, texts), (now, texts2) = old, new
    everywhere, changes = [a for found in now.values() for a in found], []
    if UNKNOWN in everywhere or any(UNKNOWN in found for found in was.values()):
        return changes

    def change(subject, fact):
        changes.append(Change(f"uevent {subject}", [fact], SOURCE))

    sent = [a for found in was.values() for a in found]
    for action in sorted(set(sent)):
        if action not in everywhere:
            change(action, "no longer sent")
        elif len(was) > 1 or len(now) > 1:
            for name in sorted(set(was) & set(now)):
                if action in was[name] and action not in now[name]:
                    change(action, f"no longer sent by {name}()")
    for action in sorted(set(everywhere) - set(sent)) if sent else ():
        change(action, "sent, and not before")
    for text in sorted(texts - texts2):
        change(text, "no longer in the event")
    return changes


def read_golden(path=GOLDEN):
    """{module: ({name: Attribute}, {other text}, {architectures})}.

    A module without a line of architectures is built for every one.
    """
    found = {}
    with open(path) as f:
        for n, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            m = GOLDEN_LINE.match(line.strip())
            if not m:
                raise CannotRun(f"{path}:{n}: the format is MODULE attr NAME MODE \"FORMAT\", "
                                "MODULE text \"TEXT\" or MODULE only ARCHITECTURE...")
            attributes, text, arches = found.setdefault(m["module"], ({}, set(), set()))
            quoted = [x.replace("\\n", "\n") for x in re.findall(r'"([^"]*)"', line)]
            if m["mode"]:
                attributes[m["name"]] = Attribute(int(m["mode"], 8), sorted(quoted))
            text.update(quoted if m["text"] else ())
            arches.update((m["arches"] or "").split())
    return found


def golden_changes(side, arch, golden=None):
    """Changes against abi/sysfs.golden, and sentences about modules that are not in the build."""
    changes, absent, against = [], [], "abi/sysfs.golden"
    for module, (attributes, text, arches) in (golden or read_golden()).items():
        if module not in side.modules:
            if not arches or arch in arches:
                absent.append(f"{module}.ko of {against} is not in the build")
            continue
        if module not in side.groups_read:
            continue
        have = side.attributes[module]
        for name in set(attributes) & set(have):
            # the file has no word for functions that hide an attribute
            attributes[name].hidden_by = have[name].hidden_by
        changes += sysfs_changes(attributes, have, against)
        changes += [Change(f"sysfs {name}", [f"not in {against}"], NOTHING,
                           [f"+{have[name].line(name)}"], against=against)
                    for name in sorted(set(have) - set(attributes))]
        changes += [Change(f"sysfs text {t!r}", ["removed"], SOURCE, [f"-{t!r}"], against=against)
                    for t in sorted(text - side.modules[module].strings())]
    return changes, absent
