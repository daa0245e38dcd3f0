# SPDX-License-Identifier: GPL-2.0-only
"""The files of a kernel tree that series.conf replaces, so that no rule has to convert them."""
import os

from lib.common import TOP, series
from migrate.c_text import read


class Replaced:
    """The files and folders that the series replaces in the tree at root."""
    def __init__(self, root=None):
        self.lacks = {}
        for name, step in series().items() if root else ():
            if name != "out-of-tree":
                self.lacks.update({f: missing(step, root) for f in step.get("files", "").split()})

    def entry(self, path):
        """The entry of series.conf that replaces a file, or None."""
        return next((x for x in self.lacks
                     if path == x or x.endswith("/") and path.startswith(x)), None)

    def verdict(self, path):
        return f"{path}: replaced by the series (series.conf){self.lacks[self.entry(path)]}"


def missing(step, root):
    """A note where the tree lacks the word that a step needs."""
    needs, word = step.get("has", " ").split(" ", 1)
    path = os.path.join(root, needs)
    if not needs or os.path.exists(path) and word in read(path):
        return ""
    return f", once the tree has {word}"


def replace(d):
    """The verdict for a driver that the series replaces."""
    for p in d.old:
        here = os.path.join(TOP, p)
        d.new[p] = read(here) if os.path.exists(here) else d.old[p]
    d.verdict, d.api, d.count = "replaced", "core", "core"
    return d
