# SPDX-License-Identifier: GPL-2.0-only
"""The drivers that a change reaches, and the semantic patch that follows it."""
import abi.judge.users
from abi.compare.change import SOURCE

# subjects that no driver's source names
NO_DRIVER = ("uapi", "sysfs", "layout", "module")


def explain(changes, exports, users):
    for c in changes:
        if c.drivers is None or c.subject.startswith(NO_DRIVER):
            c.drivers = None
            continue
        names = set(c.exports) & exports
        names |= {w for w in c.words if c.subject.endswith(f" {w}")}
        c.drivers = abi.judge.users.reached(users, names) if users is not None else None
        c.patches = abi.judge.users.patches(c.subject, c.words) if c.effect == SOURCE else []
