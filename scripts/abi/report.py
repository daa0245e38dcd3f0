# SPDX-License-Identifier: GPL-2.0-only
"""The report: the verdict first, then for each change its cause, whom it reaches, and what is to be done. Text and JSON."""
import json
import os

from abi.read.types import NOTHING, REBUILD, SOURCE

NEEDS = {NOTHING: "nothing: built drivers keep working", REBUILD: "a rebuild of the drivers; their source stays as it is",
         SOURCE: "a change of the drivers' source"}
WORDS = {NOTHING: "nothing", REBUILD: "rebuild", SOURCE: "source"}
SAME, ADDITIONS, CHANGED = "same", "additions only", "changed"
SHOWN = 6


class Result:
    """What came out for one tree and architecture, or for one pair of modules."""

    def __init__(self, name, release=""):
        self.name, self.release = name, release
        self.changes, self.additions, self.notes, self.seconds = [], [], [], 0.0

    def open(self):
        return [c for c in self.changes if not c.suppressed]

    def verdict(self):
        return CHANGED if self.open() else ADDITIONS if self.additions else SAME


def folders(paths):
    """Files of a folder together, so that a driver of thirty files is one line."""
    by = {}
    for p in paths:
        by.setdefault(os.path.dirname(p), []).append(os.path.basename(p))
    return [f"{d}/{names[0]}" if len(names) == 1 else f"{d}/{{{','.join(names[:3])}{',…' if len(names) > 3 else ''}}}"
            for d, names in by.items()]


def few(names):
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def change_lines(c, mark="  "):
    yield f"{mark}{c.subject}: {'; '.join(c.facts)}"
    yield f"      against   {c.against}"
    for line in c.diff[:60]:
        yield f"        {line}"
    if c.exports:
        yield f"      reaches   {few(c.exports)}"
    if c.drivers is not None:
        yield f"      drivers   {few(folders(c.drivers)) or 'none in this tree'}"
    yield f"      needs     {NEEDS[c.effect]}"
    if c.effect == SOURCE:
        yield "      patch     " + (", ".join(f"{p} ({why})" if why else p for p, why in c.patches) or "no semantic patch of ours makes it")
    if c.loader:
        yield f"      loader    {c.loader}"


def text(results):
    lines = []
    verdict = overall(results)
    bad = [r.name for r in results if r.verdict() == CHANGED]
    lines.append(f"abi-check: {verdict}" + (f" in {', '.join(bad)}" if bad and len(results) > 1 else ""))
    lines += [f"  {r.name:<12} {r.verdict():<15} {r.release:<24} {r.seconds:5.1f} s" for r in results]
    for r in results:
        intended = [c for c in r.changes if c.suppressed]
        if not (r.open() or r.additions or r.notes or intended):
            continue
        lines += ["", f"{r.name}: {r.verdict()}"]
        for c in r.open():
            lines += [*change_lines(c), ""]
        if r.additions:
            lines.append(f"  added     {', '.join(r.additions)}")
        same = {}
        for c in intended:
            same.setdefault((c.suppressed, "; ".join(c.facts)), []).append(c.subject)
        for (reason, facts), subjects in same.items():
            lines += [f"  intended  {', '.join(subjects)}: {facts}", f"            because {reason}"]
        lines += [f"  note      {n}" for n in r.notes]
    return "\n".join(lines) + "\n"


def overall(results):
    verdicts = {r.verdict() for r in results}
    return CHANGED if CHANGED in verdicts else ADDITIONS if ADDITIONS in verdicts else SAME


def as_json(results, tool):
    return json.dumps({
        "verdict": overall(results), "tools": tool,
        "results": [{"name": r.name, "release": r.release, "verdict": r.verdict(), "seconds": round(r.seconds, 2), "additions": r.additions,
                     "notes": r.notes,
                     "changes": [{"subject": c.subject, "facts": c.facts, "against": c.against, "diff": c.diff, "exports": c.exports,
                                  "drivers": c.drivers, "needs": WORDS[c.effect], "patches": [p for p, _ in c.patches], "loader": c.loader,
                                  "intended": c.suppressed} for c in r.changes]} for r in results]}, indent=1) + "\n"
