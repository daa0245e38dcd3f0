# SPDX-License-Identifier: GPL-2.0-only
"""The files in which a dump's types are defined.

libabigail takes every header with the name of a public one for public: drivers/x/vfio.h for
include/linux/vfio.h. Such a type is made opaque here.
"""
import os
import re

PLACE = re.compile(r" filepath='([^']*)' line='\d+' column='\d+'")
TYPE = re.compile(r"( *)<(class-decl|union-decl|enum-decl)\b.* name='([^']*)'.*"
                  r" filepath='([^']*)' line='\d+' column='\d+'.* id='(\w+)'(/?)>$")


def without_strangers(text, folders):
    """A dump of abidw without places, in which only the types of public headers are defined."""
    lines = text.split("\n")
    paths = {m[1] for m in PLACE.finditer(text)}
    public = {p for p in paths if _best(p, paths, folders)}
    out, end = [], None
    for line in lines:
        if end is not None:
            end = None if line == end else end
            continue
        m = TYPE.match(line)
        if m and m[4] not in public and _headers(m[4], folders) or m and not _named(m, folders):
            struct = " is-struct='yes'" * (m[2] == "class-decl")
            out.append(f"{m[1]}<{m[2]} name='{m[3]}'{struct} visibility='default' "
                       f"is-declaration-only='yes' id='{m[5]}'/>")
            end = None if m[6] else f"{m[1]}</{m[2]}>"
        else:
            out.append(PLACE.sub("", line))
    return "\n".join(out)


def _headers(path, folders):
    """The public headers with the name of a file."""
    found = (os.path.join(f, os.path.basename(path)) for f in folders)
    return [os.path.realpath(p) for p in found if os.path.exists(p)]


def _common(a, b):
    """How many folders and names two paths have in common at their end."""
    n, a, b = 0, os.path.normpath(a).split("/"), b.split("/")
    while n < min(len(a), len(b)) and a[-1 - n] == b[-1 - n]:
        n += 1
    return n


def _best(path, paths, folders):
    """Whether no file of the same name is nearer to a public header."""
    twins = [p for p in paths if os.path.basename(p) == os.path.basename(path)]
    return any(_common(path, h) == max(_common(p, h) for p in twins)
               for h in _headers(path, folders))


def _named(m, folders):
    """Whether a public header has the word that names a type of a header of its name."""
    headers = _headers(m[4], folders)
    if not headers or m[3].startswith("__anonymous") or "is-declaration-only" in m[0]:
        return True
    return any(re.search(rf"\b{re.escape(m[3])}\b", _text(h)) for h in headers)


def _text(path):
    with open(path, errors="replace") as f:
        return f.read()
