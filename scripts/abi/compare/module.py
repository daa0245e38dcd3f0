# SPDX-License-Identifier: GPL-2.0-only
"""The interface of a module beyond its exports: sysfs attributes and .modinfo."""
import os
import re

from abi.compare.change import NOTHING, SOURCE, Change
from lib.common import TOP, CannotRun

GOLDEN = os.path.join(TOP, "abi/sysfs.golden")
# values of MODULE_LICENSE() that let a module use GPL-only symbols
GPL = ("GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL")

GOLDEN_LINE = re.compile(
    r'(?P<module>\w+) (?:attr (?P<name>\w+) (?P<mode>\d+)(?: "[^"]*")*'
    r'|(?P<text>text) "[^"]*"|only (?P<arches>\w+(?: \w+)*))$')


def modinfo_changes(name, old, new):
    """The licence, the aliases and the parameters, as modprobe and udev read them."""
    facts, diff = [], []
    licences = [m.modinfo("license") for m in (old, new)]
    if licences[0] in GPL and licences[1] not in GPL:
        facts.append("no longer under the GPL to the loader")
        diff += [f"-license={licences[0]}", f"+license={licences[1]}"]
    for key, what in (("alias", "alias"), ("parmtype", "parameter")):
        for gone in sorted(set(old.modinfos(key)) - set(new.modinfos(key))):
            facts.append(f"{what} {gone} removed")
            diff.append(f"-{key}={gone}")
    return [Change(f"module {name}", facts, SOURCE, diff)] if facts else []


def sysfs_changes(old, new, against, elsewhere=()):
    """Attributes of sysfs: name, mode and format, byte by byte.

    elsewhere is {name: (module, attribute)} of the other modules.
    """
    changes = []
    for name in sorted(old):
        facts, effect, now = [], SOURCE, new.get(name)
        if now is None and name in elsewhere:
            module, now = elsewhere[name]
            facts, effect = [f"shown by {module} instead"], NOTHING
        elif now is None:
            facts = ["removed"]
        else:
            if old[name][0] != now[0]:
                facts.append(f"mode {old[name][0]:04o} -> {now[0]:04o}")
            if old[name][1] != now[1]:
                facts.append("another format")
        if facts:
            diff = [f"-{sysfs_line(name, old[name])}"]
            diff += [f"+{sysfs_line(name, now)}"] if now else []
            changes.append(Change(f"sysfs {name}", facts, effect, diff, against=against))
    return changes


def sysfs_line(name, attribute):
    mode, formats = attribute
    quoted = (f.replace("\\", "\\\\").replace("\n", "\\n") for f in formats)
    return " ".join([name, f"{mode:04o}", *(f'"{q}"' for q in quoted)])


def read_golden(path=GOLDEN):
    """{module: ({attribute: (mode, [formats])}, {other text}, {architectures})}.

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
                attributes[m["name"]] = (int(m["mode"], 8), sorted(quoted))
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
        have = side.modules[module].sysfs_attributes()
        changes += sysfs_changes(attributes, have, against)
        changes += [Change(f"sysfs {name}", [f"not in {against}"], NOTHING,
                           [f"+{sysfs_line(name, have[name])}"], against=against)
                    for name in sorted(set(have) - set(attributes))]
        changes += [Change(f"sysfs text {t!r}", ["removed"], SOURCE, [f"-{t!r}"], against=against)
                    for t in sorted(text - side.modules[module].strings())]
    return changes, absent
