# SPDX-License-Identifier: GPL-2.0-only
"""abi/policy.conf: how a change is rated, and the conventions for reserved members."""
import configparser
import fnmatch
import functools
import os

from lib.common import TOP, CannotRun

FILE = os.path.join(TOP, "abi/policy.conf")
INFO, WARN, FAIL = "info", "warn", "fail"
LEVELS = (INFO, WARN, FAIL)


class Policy:
    """rules are [(pattern, level)], families [(title, names of members, hidden names)]."""

    def __init__(self, path=FILE):
        conf = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        try:
            if not conf.read(path):
                raise CannotRun(f"no policy {path}")
        except configparser.Error as e:
            raise CannotRun(f"{path}: {e}") from None
        self.rules, self.families = [], []
        for title in conf.sections():
            s = conf[title]
            if s.get("level") not in LEVELS or ("change" in s) == ("members" in s):
                raise CannotRun(f"{path}: [{title}] needs a level ({', '.join(LEVELS)}) and "
                                "either change or members")
            if "members" in s:
                self.families.append((title, tuple(s["members"].split()),
                                      tuple(s.get("hidden", "").split())))
            pattern = s.get("change") or f"*: * used by * ({title})"
            self.rules.append((_whole(pattern), s["level"]))

    def level(self, fact):
        """The level of a fact, with its subject in front."""
        return next((lv for pattern, lv in self.rules if fnmatch.fnmatchcase(fact, pattern)), FAIL)

    def rate(self, changes):
        """Give each change the worst level of its facts."""
        for c in changes:
            c.level = max((self.level(i) for i in c.ids()), key=LEVELS.index, default=FAIL)

    def family(self, name):
        """The title of the convention that a reserved member belongs to, or None."""
        return next((t for t, names, _ in self.families if _any(name, names)), None)

    def hides(self, name):
        """Whether a member keeps the space that another one uses."""
        return any(_any(name.split(".")[0], hidden) for _, _, hidden in self.families)


@functools.lru_cache(maxsize=1 << 16)
def _any(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _whole(pattern):
    """A pattern in which brackets have no meaning: titles have them."""
    return pattern.replace("[", "[[]")


_USED = [FILE]


def use(path):
    """Take another policy than abi/policy.conf."""
    _USED[0] = path


def policy():
    return _read(_USED[0])


@functools.lru_cache(maxsize=None)
def _read(path):
    return Policy(path)
