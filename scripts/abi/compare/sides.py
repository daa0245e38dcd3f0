# SPDX-License-Identifier: GPL-2.0-only
"""The comparison of two builds, and libabigail's verdict on the same dumps."""
import os
import tempfile

import abi.read.dump
from abi.compare.change import REBUILD, SOURCE, Change, merge
from abi.compare.exports import export_changes, note_loader, size_changes
from abi.compare.headers import header_changes
from abi.compare.module import modinfo_changes, sysfs_changes, uevent_changes
from abi.compare.types import compare, readable
from abi.judge.policy import FAIL
from lib.common import CannotRun


def compare_sides(old, new, against):
    """All changes from one build to another, and the added exports."""
    changes, added = compare(old.view, new.view)
    changes = readable(changes) + export_changes(old, new)
    if old.headers and new.headers:
        changes += header_changes(old, new)
    changes = merge(changes)
    changes += size_changes(changes, old, new)
    changes += note_loader(changes, old, new)
    chars = old.signed_char(), new.signed_char()
    if None not in chars and chars[0] != chars[1]:
        words = ["signed" if c else "unsigned" for c in chars]
        changes.append(Change("type char", [f"{words[1]} instead of {words[0]}"], REBUILD,
                              [f"-{words[0]} char", f"+{words[1]} char"], sorted(old.exports)))
    changes += [Change(f"module {name}", ["removed"], SOURCE, [f"-{name}.ko"])
                for name in sorted(set(old.modules) - set(new.modules))]
    for name in sorted(set(old.modules) & set(new.modules)):
        # a group's name may be the folder that another module names itself
        elsewhere = {a: (m, shown) for m, found in new.attributes.items() if m != name
                     for a, shown in found.items()}
        if name in old.groups_read & new.groups_read:
            changes += sysfs_changes(old.attributes[name], new.attributes[name], against,
                                     elsewhere)
        changes += modinfo_changes(name, old.modules[name], new.modules[name])
        changes += uevent_changes(old.uevents[name], new.uevents[name])
    for c in changes:
        c.against = against
    return changes, sorted(n for n in added if n in new.exports)


def second_opinion(old, new, changes, forgiven, against):
    """libabigail's verdict on pairs of whole dumps: changes that it alone sees, and sentences about
    pairs on which it crashed.

    forgiven holds the subjects that libabigail is told to ignore.
    """
    found, crashed = [], []
    with tempfile.NamedTemporaryFile("w", suffix=".suppr") as f:
        f.write("".join(map(_ignore, forgiven)))
        f.flush()
        for a, b in zip(old, new):
            try:
                differs, text = abi.read.dump.changed(a, b, f.name if forgiven else None)
            except CannotRun as e:
                crashed.append(f"libabigail did not compare {os.path.basename(b)}: {e}")
                continue
            if differs:
                lines = [x for x in text.splitlines() if x.strip()][:60]
                found.append(Change("libabigail", [f"sees a change in {os.path.basename(b)}"],
                                    REBUILD, lines, against=against))
    if any(not c.suppressed and c.level == FAIL for c in changes):
        found = []
    return found, crashed


def _ignore(subject):
    """The sections of a suppression file of libabigail for a subject of ours."""
    kind, _, name = subject.partition(" ")
    if kind in ("export", "inline", "constant"):
        text = (f"[suppress_function]\n  name_regexp = ^(abi_{kind}_)?{name}$\n"
                "  change_kind = all\n\n")
        if kind == "constant":
            text += f"[suppress_type]\n  name = abi_constant_{name}\n\n"
        return text
    return (f"[suppress_type]\n  name = {name or kind}\n  has_size_change = yes\n\n"
            f"[suppress_function]\n  name_regexp = ^abi_(align_)?{kind}_{name}$\n"
            "  change_kind = all\n\n")
