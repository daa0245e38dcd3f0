# SPDX-License-Identifier: GPL-2.0-only
"""The report: the verdict first, then for each change its cause, its reach and its remedy."""
import json
import os
import re

from abi.compare.change import NOTHING, REBUILD, SOURCE
from abi.judge.policy import FAIL, WARN
from lib.words import SHOWN, few

NEEDS = {NOTHING: "nothing: built drivers keep working",
         REBUILD: "a rebuild of the drivers; their source stays as it is",
         SOURCE: "a change of the drivers' source"}
WORDS = {NOTHING: "nothing", REBUILD: "rebuild", SOURCE: "source"}
SAME, ADDITIONS, ALLOWED, CHANGED = "same", "additions only", "allowed changes", "changed"
UNREAD = "could not run"
# worst first
VERDICTS = (CHANGED, UNREAD, ALLOWED, ADDITIONS, SAME)
CODES = {CHANGED: 1, UNREAD: 2, ALLOWED: 0, ADDITIONS: 0, SAME: 0}
# lines of a diff that is shown whole, and the place of a member in it
LONG = 24
PLACE = re.compile(r"/\* +[\d:]+ \*/")


class Result:
    """The verdict on one tree and architecture, or on one pair of modules."""

    def __init__(self, name, release=""):
        self.name, self.release = name, release
        self.changes, self.additions, self.notes, self.seconds = [], [], [], 0.0
        # sentences about parts that were not read, and {kind: (read, all)}
        self.unread, self.compared = [], {}
        # abi.judge.versions.Opinion, where the gate asks for one
        self.second = None
        # the public headers, where a reader of the report looks first
        self.headers = []
        # kinds of abi.formats.findings that were not looked at, and why
        self.left_out = {}
        # the exports of the old side, and of two folders [(module, verdict, changes, seconds)]
        self.exports_seen, self.modules = set(), []
        # [(old file, new file)] of the modules with exports that were compared
        self.pairs = []
        # public types that a module of two folders only declares, and those that it defines
        self.undefined, self.defined = set(), set()

    def open(self):
        """The changes that make the verdict "changed"."""
        return [c for c in self.changes if not c.suppressed and c.level == FAIL]

    def allowed(self):
        """The changes that the policy lets pass, warnings first."""
        found = [c for c in self.changes if not c.suppressed and c.level != FAIL]
        return sorted(found, key=lambda c: c.level != WARN)

    def verdict(self):
        if self.open():
            return CHANGED
        if self.unread:
            return UNREAD
        return ALLOWED if self.allowed() else ADDITIONS if self.additions else SAME

    def compared_line(self):
        """The coverage, as in "compared: exports 6 of 6 typed, constants 14"."""
        parts = []
        for kind, (read, total) in self.compared.items():
            short = kind not in ("exports", "public types") and read == total
            count = str(total) if short else f"{read} of {total}"
            parts.append(f"{kind} {count}" + " typed" * (kind == "exports"))
        return "compared: " + ", ".join(parts or ["nothing"])


def folders(paths):
    """Files grouped by folder, so that a driver of thirty files takes one line."""
    by = {}
    for p in paths:
        by.setdefault(os.path.dirname(p), []).append(os.path.basename(p))
    for d, names in by.items():
        some = ",".join(names[:3]) + (",…" if len(names) > 3 else "")
        yield f"{d}/{names[0]}" if len(names) == 1 else f"{d}/{{{some}}}"


def shown(diff):
    """A diff; of a long one, members that only moved are counted, and unchanged lines are few."""
    if len(diff) <= LONG:
        return diff
    alike = {sign: {PLACE.sub("", x[1:]) for x in diff if x.startswith(sign)} for sign in "-+"}
    moved = alike["-"] & alike["+"]
    plain = [" " + x[1:] if x[0] in "-+" and PLACE.sub("", x[1:]) in moved else x for x in diff]
    # a moved member is there twice, at its old place and at its new one
    plain = [x for x, was in zip(plain, diff) if x == was or was[0] == "+"]
    near = {n + d for n, x in enumerate(plain) if x[0] in "-+" for d in (-2, -1, 0, 1, 2)}
    lines, gap = [], False
    for n, x in enumerate(plain):
        if n in near:
            lines += [" \t..."] * gap + [x]
        gap = n not in near and x[0] != "@"
    return lines[:60] + ([f" {len(moved)} members moved"] if moved else [])


def change_lines(c):
    yield f"  {c.subject}: {'; '.join(c.facts)}"
    yield f"      against   {c.against}"
    yield from (f"        {line}" for line in shown(c.diff)[:61])
    if c.exports:
        yield f"      reaches   {few(c.exports)}"
    if c.modules:
        yield f"      modules   {few(c.modules)}"
    yield from _tail_lines(c, c.drivers)


def _tail_lines(c, drivers):
    if drivers is not None:
        yield f"      drivers   {few(list(folders(drivers))) or 'none in this tree'}"
    yield f"      needs     {c.advice or NEEDS[c.effect]}"
    if c.effect == SOURCE:
        named = ", ".join(f"{p} ({why})" if why else p for p, why in c.patches)
        yield f"      patch     {named or 'no semantic patch of this project covers it'}"
    if c.loader:
        yield f"      loader    {c.loader}"


def grouped(changes):
    """Changes, worst first; exports to which the same happened are one group."""
    groups = {}
    for c in sorted(changes, key=lambda c: (-c.effect, -len(c.exports))):
        alike = c.subject.startswith("export ") and len(c.facts) == 1
        key = (c.facts[0], c.effect, c.against, c.loader, c.advice) if alike else id(c)
        groups.setdefault(key, []).append(c)
    return list(groups.values())


def group_lines(group):
    """The lines of changes to which the same happened."""
    if len(group) == 1:
        yield from change_lines(group[0])
        return
    first, names = group[0], [c.subject.removeprefix("export ") for c in group]
    drivers = sorted({d for c in group for d in c.drivers or ()})
    yield f"  {len(names)} exports: {first.facts[0]}"
    yield f"      against   {first.against}"
    if len({tuple(c.diff) for c in group}) == 1:
        yield from (f"        {line}" for line in shown(first.diff)[:61])
    yield f"      reaches   {few(names)}"
    yield from _tail_lines(first, drivers if first.drivers is not None else None)


def module_lines(r):
    """The verdicts on the modules of two folders, the worst modules by name."""
    counts = {v: sum(row[1] == v for row in r.modules) for v in VERDICTS}
    yield "  modules   " + ", ".join(f"{n} {v}" for v, n in counts.items() if n)
    for name, verdict, changes, _ in r.modules[:SHOWN]:
        if changes:
            yield f"            {name}: {verdict}, {changes} changes"


def _result_lines(r):
    intended = [c for c in r.changes if c.suppressed]
    yield from ("", f"{r.name}: {r.verdict()}", f"  {r.compared_line()}")
    yield from (f"  not read  {u}" for u in r.unread)
    if r.modules:
        yield from module_lines(r)
    for group in grouped(r.open()):
        yield from (*group_lines(group), "")
    for c in r.allowed():
        if c.level == WARN:
            yield "  warning:"
            yield from change_lines(c)
        else:
            yield f"  allowed   {c.subject}: {'; '.join(c.facts)}"
            yield f"            {c.advice or NEEDS[c.effect]}"
    if r.additions:
        yield f"  added     {', '.join(r.additions)}"
    same = {}
    for c in intended:
        same.setdefault((c.suppressed, "; ".join(c.facts)), []).append(c.subject)
    for (reason, facts), subjects in same.items():
        yield f"  intended  {', '.join(subjects)}: {facts}"
        yield f"            because {reason}"
    yield from (f"  second    {x}" for x in (r.second.lines if r.second else ()))
    yield from (f"  note      {n}" for n in r.notes)


def text(results):
    verdict = overall(results)
    bad = [r for r in results if r.verdict() == verdict]
    lines = [f"abi-check: {verdict}"]
    if verdict in (CHANGED, UNREAD) and len(results) > 1:
        lines[0] += f" in {', '.join(r.name for r in bad)}"
    unread = [u for r in results for u in r.unread]
    if verdict == UNREAD:
        lines[0] += f": {bad[0].unread[0]}"
    elif unread:
        lines.append(f"not read: {unread[0]}")
    lines += [f"  {r.name:<12} {r.verdict():<15} {r.release:<24} {r.seconds:5.1f} s"
              for r in results]
    for r in results:
        lines += _result_lines(r)
    # make has one exit code for every failure
    lines.append(f"abi-check: exit code {CODES[verdict]}: {verdict}")
    return "\n".join(lines) + "\n"


def overall(results):
    verdicts = {r.verdict() for r in results}
    return next(v for v in VERDICTS if v in verdicts)


def _change_data(c):
    return {"subject": c.subject, "facts": c.facts, "against": c.against, "diff": c.diff,
            "exports": c.exports, "drivers": c.drivers, "needs": WORDS[c.effect],
            "patches": [p for p, _ in c.patches], "loader": c.loader, "intended": c.suppressed,
            "level": c.level, "advice": c.advice}


def _result_data(r):
    return {"name": r.name, "release": r.release, "verdict": r.verdict(),
            "seconds": round(r.seconds, 2), "additions": r.additions, "notes": r.notes,
            "unread": r.unread, "compared": r.compared,
            "second opinion": r.second.data() if r.second else None,
            "modules": [dict(zip(("name", "verdict", "changes", "seconds"), row))
                        for row in r.modules],
            "changes": [_change_data(c) for c in r.changes]}


def as_json(results, tools):
    return json.dumps({"verdict": overall(results), "tools": tools,
                       "results": [_result_data(r) for r in results]}, indent=1) + "\n"
