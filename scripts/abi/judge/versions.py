# SPDX-License-Identifier: GPL-2.0-only
"""gendwarfksyms as one more reader: where its word about an export is not the gate's.

The tool covers private types, names of parameters and typedefs, which are no part of the interface
here, and leaves out what a kernel's own rules exclude. A difference in a public type that the gate
did not see is a change; any other disagreement is said in the report.
"""
import re

from abi.compare.change import REBUILD, Change
from abi.judge.policy import FAIL, policy
from abi.read.dump import NOISE
from abi.read.elf import Module
from abi.judge.symversions import NoOpinion, name_of, named, versions
from abi.report import CHANGED, SAME
from lib.common import CannotRun
from lib.words import few

# words of the gate about one export
ALLOWED, INTENDED = "allowed", "intended"
# subjects that are not about types; that of a typedef is its name
OTHERS = ("module", "sysfs", "uevent", "macro", "constant", "declaration", "libabigail", "uapi")
# what is not in a type, so that the tool can't see it
BESIDE = ("GPL only", "no longer GPL only", "in namespace", "out of namespace", "only for the mod",
          "moved from", "may return", "another calling", "no longer declared", "removed",
          "added", "size ")


class Opinion:
    """asked is False without an answer, and lines then has the reason."""

    def __init__(self):
        self.asked, self.lines, self.agree, self.seen = False, [], 0, 0
        self.disagree, self.changes = [], []

    def data(self):
        return {"asked": self.asked, "agree": self.agree, "exports": self.seen,
                "disagree": [dict(zip(("exports", "gate", "gendwarfksyms", "because"), row))
                             for row in self.disagree], "said": self.lines}


def not_asked(why):
    found = Opinion()
    found.lines.append(f"gendwarfksyms was not asked: {why}")
    return found


def ask(old, new, changes):
    """The Opinion about two sides (abi.read.side.Side) of which the gate found some changes."""
    if old.view.blind or new.view.blind:
        return not_asked("a side was not read")
    try:
        was, now = _answers(old), _answers(new)
        who = name_of()
    except NoOpinion as e:
        return not_asked(str(e))
    found, groups = Opinion(), {}
    found.asked = True
    both = sorted(set(old.exports) & set(new.exports))
    silent = [n for n in both if n not in was[0] or n not in now[0]]
    moved = {k for k in set(was[1]) | set(now[1]) if was[1].get(k) != now[1].get(k)}
    public = {f"{kind} {n}" for kind in ("struct", "union", "enum", "typedef")
              for n in new.public[kind]}
    told = {c.subject for c in changes}
    told |= {f"typedef {n}" for n in told if " " not in n}
    if "type char" in told:
        # it is in everything
        told |= public
    for name in both:
        if name in silent:
            continue
        gate = _word(name, changes)
        tool = CHANGED if was[0][name] != now[0][name] else SAME
        found.seen += 1
        if (gate != SAME) == (tool != SAME):
            found.agree += 1
            continue
        because = tuple(_because(name, moved, was[1], now[1])) if tool != SAME else ()
        groups.setdefault((gate, tool, because), []).append(name)
        # without its members, a type is only declared where the export is
        whole = {k for k in because if "{" in was[1].get(k, "") and "{" in now[1].get(k, "")}
        for key in whole & public - told:
            before, after = (_members(key, side[1][key]) for side in (was, now))
            if before == after:
                continue
            told.add(key)
            diff = [f"-{m}" for m in before if m not in after]
            diff += [f"+{m}" for m in after if m not in before]
            found.changes.append(Change(key, [f"{who} alone sees a change"], REBUILD, diff, [name],
                                        [key.split()[-1]]))
    found.disagree = [(names, gate, tool, list(because))
                      for (gate, tool, because), names in sorted(groups.items())]
    found.lines = list(_said(who, found, silent))
    return found


def _members(key, line):
    """The members in a line of the tool. Those of a union have no order, and names of reserved
    space no meaning."""
    rules = policy()
    line = re.sub(r"\w+", lambda m: "reserved" if rules.family(m[0]) or rules.hides(m[0]) else m[0],
                  line)
    found = re.sub(r"^.*? \{ ", "", line).split(" , ")
    if key.startswith("union "):
        last = found[-1].rpartition(" }")
        found = sorted([*found[:-1], last[0]]) + [last[2]]
    return found


def prefetch(path, symbols=None):
    """Ask the tool about a module, for a later ask(); a fault is told there."""
    try:
        elf = Module(path)
        names = [n for n in elf.exports() if not re.match(NOISE, n)
                 and (symbols is None or n in symbols)]
        if names and elf.has_debug_info():
            versions(elf, names)
    except (NoOpinion, CannotRun):
        return


def _answers(side):
    found, lines = {}, {}
    for module, elf in side.modules.items():
        mine = [n for n, e in side.exports.items() if e[0] == module]
        if mine:
            more = versions(elf, mine)
            found.update(more[0])
            lines.update(more[1])
    return found, lines


def _word(name, changes):
    """The gate's word about the type of one export."""
    words = set()
    for c in changes:
        if name not in c.exports or c.subject.split()[0] in OTHERS:
            continue
        if all(f.startswith(BESIDE) for f in c.facts) and c.subject.startswith("export "):
            continue
        words.add(INTENDED if c.suppressed else CHANGED if c.level == FAIL else ALLOWED)
    return next((w for w in (CHANGED, INTENDED, ALLOWED) if w in words), SAME)


def _because(name, moved, was, now):
    """The types on the way from an export whose lines differ, without those that only lead to
    them."""
    seen, todo = set(), [name]
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo.extend(named(was.get(key, "")) | named(now.get(key, "")))
    causes = sorted((seen & moved) - {name})
    return causes or ["names or types in its own declaration"]


def _said(who, found, silent):
    yield f"{who} agrees about {found.agree} of {found.seen} exports"
    for names, gate, tool, because in found.disagree:
        why = f" ({few(because)})" if because else ""
        yield f"{few(names)}: the gate says \"{gate}\", {who} \"{tool}\"{why}"
    if silent:
        yield f"{who} says nothing about {few(silent)}"
