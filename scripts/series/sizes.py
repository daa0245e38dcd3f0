# SPDX-License-Identifier: GPL-2.0-only
"""How many lines a step changes."""
import difflib
import os

from migrate.c_text import read
from series.steps import apply_step


def changed_lines(old, new):
    """The number of removed and added lines between two texts."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return sum(x[0] in "+-" and not x.startswith(("---", "+++")) for x in lines)


def apply_and_count(step, changes):
    """Apply a step; return the number of lines that it changes. A file that goes has none left."""
    before = dict(changes.new)
    apply_step(step, changes)
    count = 0
    for name, text in changes.new.items():
        path = os.path.join(changes.pristine, name)
        old = before[name] if name in before else read(path) if os.path.exists(path) else ""
        count += changed_lines(old or "", text or "")
    return count
