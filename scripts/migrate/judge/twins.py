# SPDX-License-Identifier: GPL-2.0-only
"""Tells members of one name in different structures apart, for rules that only see names.

Before the rules run, the members of the other structures get another name; afterwards they get
their own back.
"""
import re
import tempfile

from migrate.c_text import members
from migrate.grouping import shown_members
from migrate.judge.front_end import FrontEnd

KINDS = {"FIELD_DECL", "MEMBER_REF_EXPR", "MEMBER_REF"}
MARK = "_of_another_structure"


def twins(d):
    """The shown members that more than one structure has."""
    found, shown = {}, shown_members(d)
    for p in d.old:
        for name, line in members(d.old[p]):
            if name in shown:
                found.setdefault(name, set()).add((p, line))
    return {name for name, places in found.items() if len(places) > 1}


def uses(front, units, names, texts):
    """The uses and declarations of members of these names: (path, line, column, name, owner)."""
    word, seen = re.compile(r"\b(?:%s)\b" % "|".join(names)), set()
    for unit in units:
        for top in unit.cursor.get_children():
            path = front.of_driver(top.location.file.name) if top.location.file else None
            lines = path and texts[path][top.extent.start.line - 1:top.extent.end.line]
            place = path, top.extent.start.offset
            # a header is in many units
            if not path or place in seen or not any(map(word.search, lines)):
                continue
            seen.add(place)
            for c in top.walk_preorder():
                if c.kind.name not in KINDS or c.spelling not in names:
                    continue
                target = c if c.kind.name == "FIELD_DECL" else c.referenced
                path = front.of_driver(c.location.file.name) if c.location.file else None
                if path and target:
                    owner = target.semantic_parent
                    yield path, c.location.line, c.location.column, c.spelling, owner.get_usr()


def owners(front, units, names, shows):
    """The structures whose members the functions that show the number read."""
    found = set()
    for unit in units:
        for f in unit.cursor.get_children():
            if f.kind.name == "FUNCTION_DECL" and f.is_definition() and f.spelling in shows:
                found |= {(c.spelling, c.referenced.semantic_parent.get_usr())
                          for c in f.walk_preorder()
                          if c.kind.name == "MEMBER_REF_EXPR" and c.spelling in names}
    return found


def tell_apart(d, shows):
    """Rename the members of other structures in d.new, if it is known which are others."""
    names = twins(d)
    if not names:
        return
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        front = FrontEnd(tmp, d.old, d.old)
        word = re.compile(r"(?:->|\.)\s*(?:%s)\b" % "|".join(names))
        units = list(front.parse("old", [p for p in d.old if p.endswith(".c")
                                         and word.search(d.old[p])]).values())
        counted = owners(front, units, names, shows)
        texts = {p: t.split("\n") for p, t in d.old.items()}
        places = {(path, line, column, name) for path, line, column, name, owner in
                  uses(front, units, names, texts)
                  if (name, owner) not in counted and any(n == name for n, _ in counted)}
    for path, line, column, name in sorted(places, reverse=True):
        lines = d.new[path].split("\n")
        text = lines[line - 1]
        if text[column - 1:column - 1 + len(name)] == name:
            lines[line - 1] = text[:column - 1] + name + MARK + text[column - 1 + len(name):]
            d.new[path] = "\n".join(lines)


def rename_back(d):
    for p in d.new:
        d.new[p] = re.sub(MARK + r"\b", "", d.new[p])
