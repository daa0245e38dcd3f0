# SPDX-License-Identifier: GPL-2.0-only
"""abi/suppressions: intended changes, each with a reason. An entry that matches nothing is an
error."""
import configparser
import fnmatch
import os

from lib.common import TOP, CannotRun
from tree.trees import split

FILE = os.path.join(TOP, "abi/suppressions")


class Suppressions:
    def __init__(self, path=None):
        self.path = path or FILE
        self.conf = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        try:
            if not self.conf.read(self.path):
                raise CannotRun(f"no file of suppressions {self.path}")
        except configparser.Error as e:
            raise CannotRun(f"{self.path}: {e}") from None
        for s in self.conf.sections():
            missing = [k for k in ("change", "reason") if not self.conf[s].get(k, "").strip()]
            if missing:
                raise CannotRun(f"{self.path}: [{s}] has no {' and no '.join(missing)}")
        self.matched, self.asked = set(), set()

    def apply(self, tree, arch, changes):
        """Mark intended facts; return the subjects of which every fact is intended."""
        for s in self.conf.sections():
            if self.covers(s, tree, arch):
                self.asked.add(s)
                self._mark(s, changes)
        for c in changes:
            if c.facts and all(i in c.intended for i in c.ids()):
                c.suppressed = "; ".join(sorted(set(c.intended.values())))
        return [c.subject for c in changes if c.suppressed]

    def _mark(self, section, changes):
        for c in changes:
            for i in c.ids():
                if fnmatch.fnmatchcase(i, self.conf[section]["change"]):
                    self.matched.add(section)
                    c.intended[i] = self.conf[section]["reason"].strip()

    def covers(self, section, tree, arch):
        """Whether an entry is for a tree: that of a series is for its flavours as well."""
        conf = self.conf[section]
        return (any(fnmatch.fnmatchcase(t, conf.get("tree", "*")) for t in (tree, split(tree)[0]))
                and fnmatch.fnmatchcase(arch, conf.get("arch", "*")))

    def stale(self, unseen=()):
        """Entries that matched nothing; an entry may still match in a pair of unseen."""
        return sorted(s for s in self.asked - self.matched
                      if not any(self.covers(s, t, a) for t, a in unseen))
