# SPDX-License-Identifier: GPL-2.0-only
"""The report as a flat list of findings, each with a level and a place in a public header."""
import functools
import os
import re

from abi.judge.policy import FAIL, INFO, WARN
from abi.report import NEEDS, grouped
from lib.common import TOP
from lib.words import few

# a part that could not be read is no change, and no verdict either
UNREAD, INTENDED = "unread", "intended"
CLASSES = {
    "export": "exports: presence, type, licence, namespace, CRC",
    "type": "structures, unions, enums and typedefs",
    "header": "constants, macros, inline functions and declarations of the public headers",
    "sysfs": "attributes of sysfs and uevents", "module": "modules and their modinfo",
    "uapi": "headers for user space", "private": "private types that CRCs cover",
    "gate": "files and tools of the gate", UNREAD: "parts that could not be read"}
KINDS = {"export": "export", "struct": "type", "union": "type", "enum": "type", "typedef": "type",
         "constant": "header", "macro": "header", "inline": "header", "declaration": "header",
         "sysfs": "sysfs", "uevent": "sysfs", "module": "module", "uapi": "uapi",
         "private": "private", "layout": "gate", "libabigail": "gate", "suppression": "gate"}


class Finding:
    """kind is a key of CLASSES; path is relative to the folder of the run, or None."""

    def __init__(self, result, level, kind, title, text, names=(), path=None, line=1, reason=""):
        self.result, self.level, self.kind = result, level, kind
        self.title, self.text, self.names = title, text, list(names)
        self.path, self.line, self.reason = path, line, reason


def findings(results):
    for r in results:
        for sentence in r.unread:
            yield Finding(r, UNREAD, UNREAD, "not read", sentence)
        for group in grouped(r.open()):
            yield _of_group(r, group, FAIL)
        for c in r.allowed():
            yield _of_group(r, [c], c.level)
        for c in r.changes:
            if c.suppressed:
                yield _of_group(r, [c], INTENDED)


def _of_group(r, group, level):
    first = group[0]
    names = [c.subject for c in group]
    title = names[0] if len(group) == 1 else f"{len(group)} exports"
    text = "; ".join(first.facts)
    reached = first.exports
    if len(group) > 1:
        reached = [n.removeprefix("export ") for n in names]
    if reached:
        text += f". Reaches {few(reached)}"
    text += f". Needs: {first.advice or NEEDS[first.effect]}"
    kind = KINDS.get(first.subject.split()[0].rstrip(":"), "type")
    path, line = place(first.subject, r.headers)
    return Finding(r, level, kind, title, text, names, path, line, first.suppressed)


def place(subject, headers):
    """(path, line) of the header that defines a subject, or (None, 1)."""
    return _place(re.sub(r"\W.*", "", subject.split()[-1]) or "-", tuple(headers))


@functools.lru_cache(None)
def _place(word, headers):
    texts = [(path, text) for path in headers if word in (text := _text(path))]
    for shape in (rf"^[ \t]*(?:typedef\s+)?(?:struct|union|enum)\s+{word}\s*\{{",
                  rf"^#[ \t]*define\s+{word}\b", rf"\b{word}[ \t]*\(",
                  rf"\b{word}\b[ \t]*(?:[;,=\[}}]|$)"):
        for path, text in texts:
            m = re.search(shape, text, re.M)
            if m:
                return _relative(path), text.count("\n", 0, m.start()) + 1
    return (_relative(headers[0]), 1) if headers else (None, 1)


@functools.lru_cache(None)
def _text(path):
    with open(path, errors="replace") as f:
        return f.read()


def _relative(path):
    """A path that CI can find in its checkout: below the folder of the run if it lies there."""
    path = os.path.abspath(path)
    ours = os.path.join(TOP, "include/linux", os.path.basename(path))
    if path.startswith(os.path.join(TOP, "build")) and os.path.exists(ours):
        path = ours
    rel = os.path.relpath(path)
    return path if rel.startswith("..") else rel


LEVEL_WORDS = {FAIL: "error", UNREAD: "error", WARN: "warning", INFO: "note", INTENDED: "note"}
