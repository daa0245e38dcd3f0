# SPDX-License-Identifier: GPL-2.0-only
"""The number that the core gets: above 0 if it is a constant, not below 0 and not too large if it
is read from a variable, and the same as long as the parent lives."""
import re

from migrate.c_text import BOUND, function_at, line_of, with_bound
from migrate.driver import NotConverted
from migrate.judge.callers import REGISTER, Callers
from migrate.judge.comparison import unverified

NUMBER = re.compile(r"(?:(?:\.|->)(max_instances)|\.total)\s*=\s*"
                    + with_bound(r"([^,;]+?)") + r"\s*[,;]")
SIGNED = {"SCHAR", "CHAR_S", "SHORT", "INT", "LONG", "LONGLONG", "INT128"}
READ = {"VAR_DECL", "PARM_DECL", "FIELD_DECL"}
SIZEOF = "CXX_UNARY_EXPR"
# macros at file scope that do not change a variable; check_variable() looks at the modes
HARMLESS = re.compile(r"module_param(_named)?(_unsafe)?|MODULE_PARM_DESC")


def expression(unit, start, end):
    """The expression at this place as it is written, without the conversions around it."""
    found = None
    for top in unit.cursor.get_children():
        a = top.extent
        if a.start.offset <= start < a.end.offset and a.start.file.name == unit.spelling:
            for c in top.walk_preorder():
                if c.kind.is_expression() and c.kind.name != "UNEXPOSED_EXPR" and \
                        (c.extent.start.offset, c.extent.end.offset) == (start, end):
                    found = c
    return found


def reads(cursor):
    """The variables and members whose values an expression has."""
    if cursor.kind.name == SIZEOF:
        return []
    target = cursor.referenced
    found = [target] if target and target.kind.name in READ else []
    return found + [x for c in cursor.get_children() for x in reads(c)]


def check_numbers(account):
    """Refuse a limit or a total that the core would take for another one."""
    for p, tree in account.new.trees.items():
        # one character for each byte, as the cursors count
        text = re.sub(r"[^\0-\x7f]", "?", tree.source.decode("latin-1"))
        for m in NUMBER.finditer(text):
            if m.group(0) not in account.d.old[p] and not re.fullmatch(r"[1-9]\d*", m.group(2)):
                check_number(account, p, text, m)


def check_number(account, p, text, m):
    d, number = account.d, m.group(2)
    line = d.original_line(p, line_of(text, m.start()))
    # without the bound: clang puts what is in the arguments of a macro where the macro begins
    start = m.start(2) - len(BOUND) * (BOUND in m.group(0))
    bare = text[:start] + number + text[m.end() - 1:]
    unit = account.front.parse_value(p, bare, number)
    c = expression(unit, start, start + len(number))
    if c is None:
        raise unverified(p, line, f"the type of {number} is not known")
    read = reads(c)
    if not read:
        value = account.front.value(unit)
        if value is not None and value <= 0:
            raise unverified(p, line, f"the limit would be {value}")
        return
    kind = c.type.get_canonical()
    if kind.kind.name in SIGNED and BOUND not in m.group(0):
        raise NotConverted(p, line, f"{number} may be below 0, and the core would take it for a "
                                    "large number: make it unsigned")
    if m.group(1) and kind.get_size() > 4:
        raise NotConverted(p, line, f"{number} may be too large for .max_instances, which has 32 "
                                    "bits: make it an unsigned int")
    if not d.of_parent:
        names = {x.spelling for x in read if x.kind.name == "VAR_DECL"}
        check_stays(d, p, m.start(), names)


def check_stays(d, path, at, names):
    """Nothing changes a variable after the parent is registered with its value."""
    callers, name = Callers(d), function_at(d.new[path], at)
    body = next((b for p, n, b in callers.functions if (p, n) == (path, name)), "")
    call = REGISTER.search(body)
    for word in sorted(names):
        found = name and callers.changes(word, name, path, body[:call.start() if call else 0])
        found = found or other_use(callers, word)
        if found:
            raise NotConverted(found[0], line_of(callers.code[found[0]], found[1]),
                               f"{word} may change through this line after the parent is "
                               "registered, and the core reads it once: set .max_instances by hand")


def other_use(callers, word):
    """(path, offset) of code that makes a variable known elsewhere, or None."""
    for p, text in callers.code.items():
        for m in re.finditer(r"(?<!&)&\s*%s\b|^(\w+)\([^;{}]*\b%s\b[^;{}]*\);" % (word, word),
                             text, re.M):
            if not m.group(1) or not HARMLESS.fullmatch(m.group(1)):
                return p, m.start()
    return None
