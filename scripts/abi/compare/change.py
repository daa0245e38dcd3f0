# SPDX-License-Identifier: GPL-2.0-only
"""A change of the interface and its consequence for a driver."""
import difflib

NOTHING, REBUILD, SOURCE = 0, 1, 2
# the two sides that a change can be against
STOCK, BASELINE = "stock", "the baseline"


class Change:
    """One subject of the interface, the facts that changed, and the effect on drivers."""

    def __init__(self, subject, facts, effect, diff=(), exports=(), words=(), against=""):
        self.subject, self.facts, self.effect = subject, list(facts), effect
        self.diff, self.exports, self.words = list(diff), list(exports), set(words)
        self.against, self.suppressed, self.loader = against, "", ""
        # what a driver has to do, where the effect alone does not say it
        self.advice = ""
        # the modules of two folders in which it was found
        self.modules = []
        # set by abi.judge.policy
        self.level = "fail"
        self.drivers, self.patches, self.intended = [], [], {}

    def ids(self):
        return [f"{self.subject}: {f}" for f in self.facts]


def of_export(name, fact, effect, diff):
    """A change whose subject is an exported symbol."""
    return Change(f"export {name}", [fact], effect, diff, [name], [name])


def unified(old, new):
    return list(difflib.unified_diff(old, new, "old", "new", n=30, lineterm=""))[2:]


def merge(changes):
    """One entry for each subject, however many comparisons found it."""
    found = {}
    for c in changes:
        first = found.setdefault(c.subject, c)
        if first is not c:
            first.facts += [f for f in c.facts if f not in first.facts]
            first.effect = max(first.effect, c.effect)
            first.words |= c.words
            first.diff = first.diff or c.diff
            if c.against not in first.against.split(" and "):
                first.against += f" and {c.against}"
    return list(found.values())
