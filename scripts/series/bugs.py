# SPDX-License-Identifier: GPL-2.0-only
"""The bugs of fixes.conf: each has a step on a tree, or a reason why it has none."""
import textwrap

from lib.common import CannotRun, series
from lib.rst import list_table
from series.steps import semantic_patches

WORDS = "not there", "not fixed", "partly"


def reasons():
    """{(bug, tree): reason} of the sections of fixes.conf that are no steps."""
    found = {}
    for name, section in series("fixes.conf").items():
        if "subject" in section or "like" in section:
            continue
        for bug in name.split():
            for trees, text in section.items():
                if not text.startswith(WORDS):
                    raise CannotRun(f"fixes.conf, [{name}]: a reason begins with one of {WORDS}")
                found.update({(bug, tree): " ".join(text.split()) for tree in trees.split()})
    return found


def is_variant(step, steps):
    """Whether a step for other trees has another rule, or the rule with other names."""
    base = next((s for s in steps if s.name == step.get("like")), step)
    return semantic_patches(base) != semantic_patches(step)


def bug_cell(bug, tree, sizes, steps, why, notes):
    """How a bug stands in a tree; each has a step there, or a reason."""
    mine = [s for s in steps if bug in s["bug"].split() and sizes[s.name]]
    text = why.get((bug, tree), "")
    if bool(mine) == text.startswith(("not there", "not fixed")) or not (mine or text):
        raise CannotRun(f"fixes.conf: {bug} on {tree} needs a step or a reason, and not both")
    cell = str(sum(sizes[s.name] for s in mine)) if mine else ""
    cell += " v" * any(is_variant(s, steps) for s in mine)
    word, _, reason = text.partition(": ")
    if reason:
        cell = f"{cell}{', ' if cell else ''}{word} [#f{notes.setdefault(reason, len(notes) + 1)}]_"
    return cell


def bugs_table(trees, sizes, steps):
    """The lines of a table of bugs and trees. @sizes: {tree: {step: changed lines}}."""
    why, notes = reasons(), {}
    bugs = {bug: None for step in steps for bug in step["bug"].split()}
    bugs.update({bug: None for bug, _ in why})
    rows = [["Bug", *trees]]
    for bug in sorted(bugs, key=lambda b: (not b[1:].isdigit(), b.rjust(20))):
        rows.append([bug, *(bug_cell(bug, t, sizes[t], steps, why, notes) for t in trees)])
    return [*list_table(rows), "",
            *(textwrap.fill(f".. [#f{n}] {reason}", 98, subsequent_indent="   ",
                            break_on_hyphens=False) for reason, n in notes.items())]
