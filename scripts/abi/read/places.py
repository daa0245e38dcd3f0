# SPDX-License-Identifier: GPL-2.0-only
"""The files in which a dump's types are defined.

libabigail takes every header with the name of a public one for public: drivers/x/vfio.h for
include/linux/vfio.h. Such a type is made opaque here.
"""
import functools
import os
import re

PLACE = re.compile(r" filepath='([^']*)' line='\d+' column='\d+'")
TYPE = re.compile(r"( *)<(class-decl|union-decl|enum-decl)\b.* name='([^']*)'.*"
                  r" filepath='([^']*)' line='\d+' column='\d+'.* id='(\w+)'(/?)>$")


INNER = re.compile(r" *<(class-decl|union-decl|enum-decl)\b.* name='([^']*)'.* id='(\w+)'/?>$")
STRUCT = " is-struct='yes'"


def without_strangers(text, folders):
    """A dump of abidw without places, in which only the types of public headers are defined."""
    folders, out, end = tuple(folders), [], None
    twins = {}
    for path in {m[1] for m in PLACE.finditer(text)}:
        twins.setdefault(os.path.basename(path), []).append(path)
    strange = {p for paths in twins.values() for p in paths
               if _headers(p, folders) and not _best(p, paths, folders)}
    lines = text.split("\n")
    # a file of which the public header names a type is that header, maybe of another version
    types = [m for m in (TYPE.match(x) for x in lines if " filepath='" in x) if m]
    named = _Named(folders)
    strange |= {m[4] for m in types} - {m[4] for m in types if named(m)}
    # types that are defined inside of one that becomes opaque, and named elsewhere
    inner = {}
    for line in lines:
        if end is not None:
            n = INNER.match(line)
            if n:
                inner[n[3]] = (f"  <{n[1]} name='{n[2]}'{STRUCT * (n[1] == 'class-decl')} "
                               f"visibility='default' is-declaration-only='yes' id='{n[3]}'/>")
            end = None if line == end else end
            continue
        m = TYPE.match(line) if " filepath='" in line else None
        if m and m[4] in strange:
            struct = STRUCT * (m[2] == "class-decl")
            out.append(f"{m[1]}<{m[2]} name='{m[3]}'{struct} visibility='default' "
                       f"is-declaration-only='yes' id='{m[5]}'/>")
            end = None if m[6] else f"{m[1]}</{m[2]}>"
        else:
            out.append(PLACE.sub("", line))
    text = "\n".join(out)
    lost = [stub for n, stub in inner.items()
            if f"type-id='{n}'" in text and f" id='{n}'" not in text]
    if lost:
        last = text.rindex("</abi-instr>")
        text = text[:last] + "\n".join(lost) + "\n" + text[last:]
    return text


# stamps of files that stay as they are while a program runs; None: they may change
_STILL = [None]


def hold_still():
    """Take it that no header changes from now on: thousands of modules ask about the same ones."""
    _STILL[0] = {}


def stamps(paths):
    """(path, time, size) of each file: a key for what was read from them, until one changes."""
    key = tuple(paths)
    if _STILL[0] is None:
        return _stamps(key)
    if key not in _STILL[0]:
        _STILL[0][key] = _stamps(key)
    return _STILL[0][key]


def _stamps(paths):
    found = []
    for path in paths:
        s = os.stat(path)
        found.append((path, s.st_mtime_ns, s.st_size))
    return tuple(found)


def _by_name(folders):
    return _names_in(stamps(folders))


@functools.lru_cache(maxsize=8)
def _names_in(folders):
    """{name: [paths]} of the headers in some folders."""
    found = {}
    for folder, _, _ in folders:
        for name in os.listdir(folder):
            if name.endswith(".h"):
                path = os.path.realpath(os.path.join(folder, name))
                found.setdefault(name, []).append(path)
    return found


def _headers(path, folders):
    """The public headers with the name of a file."""
    return _by_name(folders).get(os.path.basename(path), ())


def _common(a, b):
    """How many folders and names two paths have in common at their end."""
    n, a, b = 0, os.path.normpath(a).split("/"), b.split("/")
    while n < min(len(a), len(b)) and a[-1 - n] == b[-1 - n]:
        n += 1
    return n


def _best(path, twins, folders):
    """Whether no file of the same name is nearer to a public header."""
    return any(_common(path, h) == max(_common(p, h) for p in twins)
               for h in _headers(path, folders))


class _Named:
    """Whether a public header has the word that names a type of a header of its name."""

    def __init__(self, folders):
        self.by_name, self.texts = _by_name(folders), {}

    def __call__(self, m):
        headers = self.by_name.get(os.path.basename(m[4]), ())
        if not headers or m[3].startswith("__anonymous") or "is-declaration-only" in m[0]:
            return True
        return any(self._has(h, m[3]) for h in headers)

    def _has(self, path, word):
        if path not in self.texts:
            with open(path, errors="replace") as f:
                self.texts[path] = f.read()
        text = self.texts[path]
        return word in text and re.search(rf"\b{re.escape(word)}\b", text) is not None
