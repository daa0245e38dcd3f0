# SPDX-License-Identifier: GPL-2.0-only
"""The public headers beyond types: macros, and declarations of exports."""
from collections import Counter

from abi.compare.change import REBUILD, SOURCE, Change, of_export


def header_changes(old, new):
    """Changes from one side to another: macros by their expansion, unless both sides have an
    integer for them, which is compared as a constant."""
    numbers = old.constants_seen & new.constants_seen
    changes = []
    for name, (definition, expansion) in sorted(old.headers.macros.items()):
        now = new.headers.macros.get(name)
        if now is None and not _is_inline(new, name):
            changes.append(_of_macro(name, "removed", SOURCE, [f"-#define {definition}"]))
        elif now and now[1] != expansion and name not in numbers:
            changes.append(_of_macro(name, "expands to something else", REBUILD,
                                     [f"-#define {definition}", f"+#define {now[0]}",
                                      f"-{expansion}", f"+{now[1]}"]))
    both = set(old.headers.attributes) & set(new.headers.attributes)
    for name in sorted(both):
        was, now = (Counter(s.headers.attributes[name]) for s in (old, new))
        facts = [f"attribute {a} dropped" for a in was - now]
        facts += [f"attribute {a} added" for a in now - was]
        if facts:
            changes.append(Change(f"declaration {name}", facts, REBUILD, words=[name],
                                  exports=_reached(old, name)))
    for name in sorted(set(old.exports) & set(new.exports) & old.headers.declared):
        if name not in new.headers.declared and name not in new.headers.macros:
            changes.append(of_export(name, "no longer declared in the public headers", SOURCE,
                                     [f"-{old.view.exports[name][0]};"]))
    return changes


def _reached(side, name):
    """The export of this name, or the exports that lead to the type of this name."""
    if name in side.exports:
        return [name]
    keys = (f"{kind} {name}" for kind in ("struct", "union", "enum"))
    return sorted({e for k in keys if k in side.view.types for e in side.view.exports_reaching(k)
                   if e in side.exports})


def _is_inline(side, name):
    return name in side.public["inline"]


def _of_macro(name, fact, effect, diff):
    return Change(f"macro {name}", [fact], effect, diff, words=[name])


def to_text(headers):
    """The definitions as a baseline: they do not depend on the kernel's own macros."""
    lines = [f"#define {definition}" for definition, _ in headers.macros.values()]
    return "".join(f"{x}\n" for x in sorted(lines) + sorted(headers.declared))


def baseline_changes(text, side):
    """Changes of the definitions since a baseline of to_text()."""
    now = to_text(side.headers).splitlines()
    names = {_name(x): x for x in now}
    changes = []
    for line in text.splitlines():
        name, macro = _name(line), line.startswith("#define ")
        if line in now:
            continue
        if not macro and name in side.exports and name not in side.headers.macros:
            changes.append(of_export(name, "no longer declared in the public headers", SOURCE,
                                     [f"-{name}"]))
        elif macro and name not in names and not _is_inline(side, name):
            changes.append(_of_macro(name, "removed", SOURCE, [f"-{line}"]))
        elif macro and name in names and name not in side.constants_seen:
            changes.append(_of_macro(name, "expands to something else", REBUILD,
                                     [f"-{line}", f"+{names[name]}"]))
    return changes


def _name(line):
    return line.removeprefix("#define ").split("(")[0].split()[0]
