# SPDX-License-Identifier: GPL-2.0-only
"""The interface of a module beyond its exports: sysfs attributes and .modinfo."""
import os
import re

from abi.compare.change import NOTHING, SOURCE, Change
from lib.common import TOP, CannotRun

GOLDEN = os.path.join(TOP, "abi/sysfs.golden")
# values of MODULE_LICENSE() that let a module use GPL-only symbols
GPL = ("GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL")


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
    """{module: ({attribute: (mode, [formats])}, {other text})} of abi/sysfs.golden."""
    found = {}
    with open(path) as f:
        for n, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            m = re.match(r'(\w+) attr (\w+) (\d+)((?: "[^"]*")*)$|(\w+) text "([^"]*)"$',
                         line.strip())
            if not m:
                raise CannotRun(f"{path}:{n}: the format is MODULE attr NAME MODE \"FORMAT\" "
                                "or MODULE text \"TEXT\"")
            attributes, text = found.setdefault(m[1] or m[5], ({}, set()))
            if m[1]:
                formats = (x.replace("\\n", "\n") for x in re.findall(r'"([^"]*)"', m[4]))
                attributes[m[2]] = (int(m[3], 8), sorted(formats))
            else:
                text.add(m[6].replace("\\n", "\n"))
    return found


def golden_changes(side):
    """Changes against abi/sysfs.golden."""
    changes, against = [], "abi/sysfs.golden"
    for module, (attributes, text) in read_golden().items():
        if module not in side.modules:
            continue
        have = side.modules[module].sysfs_attributes()
        changes += sysfs_changes(attributes, have, against)
        changes += [Change(f"sysfs {name}", [f"not in {against}"], NOTHING,
                           [f"+{sysfs_line(name, have[name])}"], against=against)
                    for name in sorted(set(have) - set(attributes))]
        changes += [Change(f"sysfs text {t!r}", ["removed"], SOURCE, [f"-{t!r}"], against=against)
                    for t in sorted(text - side.modules[module].strings())]
    return changes
