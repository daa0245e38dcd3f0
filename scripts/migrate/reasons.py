# SPDX-License-Identifier: GPL-2.0-only
"""Explains why a driver is not converted: the unusual line, and what to do by hand."""
import re

from migrate.c_text import conditional_lines, find_line, functions, line_of, plain
from migrate.grouping import is_show, shown_members

IN_IF = ("this line is inside #if, so no rule can tell which branch is built: move it out of the "
         "#if, or convert the driver by hand")
PER_PARENT = ("each parent has its own number of instances, and the callback structure can hold "
              "only one: set a pool's total at the registration (mdev-core.rst)")
ATTR_MACROS = ("MDEV_TYPE_ATTR_RO", "MDEV_TYPE_ATTR", "MDEV_TYPE_ATTR_RW", "__ATTR", "__ATTR_RO")
OPS = r"struct mdev_(parent_ops|driver)\s+\w+\s*="


def same_member(name):
    return f"two structures have a member {name}, and the rules can't tell them apart: rename one"


# a use of the counter that no rule removes: the line, and what is unusual there
USES_OF_A_COUNTER = (
    (r"^\s*#\s*define\b.*NAME", "this macro uses the counter NAME"),
    (r"\b(?:WARN|BUG)_ON\w*\(.*NAME", "a warning tests the counter NAME"),
    (r"EXPORT_SYMBOL\w*\(NAME\)", "another module can read the counter NAME"),
    (r"\b(?:while|for)\s*\(.*NAME", "this loop depends on the counter NAME"),
    (r"\bswitch\s*\(.*NAME", "this switch depends on the counter NAME"),
    (r"\b(?:printk|(?:pr|dev|netdev)_\w+|trace_\w+|seq_\w+)\(.*NAME",
     "this message prints the counter NAME"),
    (r"[^=!<>]=\s*(?:\+\+|--)?[^=;(]*NAME\s*(?:\+\+|--)?\s*;",
     "the value of the counter NAME is kept here, for instance as a number"),
    (r"\bif\s*\(.*NAME", "the counter NAME decides something here, and no rule knows this form of "
                         "a limit check"),
    (r"\b\w+\(.*&\s*(?:[\w.>-]*[.>])?NAME", "a function gets the address of the counter NAME"),
    (r"\b\w+\(.*NAME", "a function gets the value of the counter NAME"),
    (r"\breturn\b.*NAME", "this function returns the counter NAME"),
)


def use_of(line, name):
    """What is unusual about a line that uses the counter, for the owner of the driver."""
    counter = r"\b%s\b" % name
    for pattern, what in USES_OF_A_COUNTER:
        # an atomic call is the way to use an atomic counter, so it is not unusual
        line = re.sub(r"\batomic\w*\(\s*&?", "(", line)
        if re.search(pattern.replace("NAME", counter), line):
            return what.replace("NAME", name) + ": remove this use by hand"
    return f"no rule matches this use of the counter {name}: remove it by hand"


def find_name(text, attr):
    """The line of an attribute that is a structure with its name in a string, or None."""
    code = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    m = re.search(r"\.name\s*=\s*\"%s\"" % attr, code)
    return m and line_of(code, m.start())


def declaration(path, text, attr):
    """An attribute that is declared in an unusual way."""
    code, lines, inside = plain(text), plain(text).split("\n"), conditional_lines(text)
    named = re.finditer(r"\b(mdev_type_attr_)?%s(_show)?\b" % attr, code)
    hits = [line_of(code, m.start()) for m in named]
    for n in hits:
        if n in inside:
            return path, n, IN_IF
        if re.match(r"\s*#\s*define", lines[n - 1]):
            return path, n, "a macro makes the attribute: expand the macro, then run again"
    n = find_name(text, attr)
    if n:
        return (path, n, "the attribute has its name in a string: declare it with "
                         "MDEV_TYPE_ATTR_RO()")
    for n in hits:
        m = re.match(r"\s*(?:static\s+)?([A-Z_][A-Z0-9_]+)\s*\(", lines[n - 1])
        if m and m.group(1) not in ATTR_MACROS:
            return path, n, f"the macro {m.group(1)}() makes the attribute: use MDEV_TYPE_ATTR_RO()"
        if m and m.group(1) == "MDEV_TYPE_ATTR_RW":
            return path, n, "the attribute is writable, the core's is not: drop its store function"
    for m in re.finditer(r"struct attribute \*\s*\w+\[([^\]]*)\]\s*=\s*\{(.*?)\}", code, re.S):
        at = re.search(r"\b(mdev_type_attr_)?%s\b" % attr, m.group(2))
        if at and (m.group(1).strip() or "[" in m.group(2)):
            return (path, line_of(code, m.start(2) + at.start()),
                    "the attribute array has a size or designators: write it without them")
    return None


def computation(name, body):
    """How a function computes the number of instances, if that is known and unusual."""
    by_hand = "set .max_instances by hand"
    if re.search(r"find_\w*_zero_bit|bitmap_weight|hweight", body):
        return f"a bitmap counts the instances and hands out numbers: keep it, {by_hand}"
    if re.search(r"list_for_each", body):
        return f"{name}() counts the instances by walking a list: {by_hand}"
    wide = re.search(r"\b(atomic64|atomic_long)_read", body)
    if wide:
        return f"an {wide.group(1)}_t counts the instances: make it an atomic_t or an integer"
    if re.search(r"kref_read|refcount_read", body):
        return f"a reference count, which others may hold, counts the instances: {by_hand}"
    if re.search(r"[,(]\s*!\s*\w|\breturn !\s*\w|\?\s*[01]\s*:\s*[01]\b", body):
        return f"{name}() shows a flag and no count: set .max_instances = 1 by hand"
    number = r"(?:\d\w*|[A-Z_][A-Z0-9_]*)"
    constant = re.search(r"(?:printf?|emit)\([^;]*,\s*%s\)|return %s;" % (number, number), body)
    if re.search(r"\b(?:min|max|clamp)\w*\(", body):
        constant = None
    elif not constant:
        constant = not re.search(r"->|atomic_|\.|[-/*+<>&|]|\breturn [a-z]\w* *;", body)
    if constant:
        return (f"{name}() shows a number that the driver does not enforce: run again with "
                "LIMIT=shown if it is meant as a limit, or else remove the function")
    return (f"no rule matches how {name}() computes the number of instances: set .max_instances "
            "or declare a budget by hand")


def show_function(d, attr):
    for p in d.seeds:
        for name, at, body in functions(d.old[p]):
            if is_show(d.old[p], name, attr):
                n = line_of(d.old[p], d.old[p].find("{", at))
                if attr == "device_api":
                    return (p, n, f"{name}() does more than print one constant: set .device_api "
                                  "by hand")
                return p, n, computation(name, body)
    return None


def explain(d, attr):
    """Why no rule matched an attribute: path, line, reason."""
    for p in d.seeds:
        found = declaration(p, d.old[p], attr)
        if found:
            return found
    if not re.search(OPS, d.old_code()) and \
            not re.search(r"(?:\.|->)create\s*=", d.old_code()):
        for p in d.seeds:
            n = find_line(d.old[p], r"\bmdev_register_(device|parent)\b")
            if n:
                return p, n, "the callbacks are assigned at run time: use a static initializer"
    found = show_function(d, attr)
    if found:
        return found
    for p in d.seeds:
        n = find_line(d.old[p], r"\b%s\b" % attr)
        if n:
            return p, n, f"no rule matches this use of {attr}: remove it by hand"
    return d.seeds[0], 1, f"no rule matches how {attr} is shown: convert the driver by hand"


def explain_count(d):
    """Why no rule matched the number of instances."""
    start = (r"\batomic_set\(&[^,;]*\b(?:avail\w*|free\w*|left|instances|slots|remaining)\s*,"
             r"\s*(\w+(?:->|\.)[^;]*)\);")
    shown = "|".join(shown_members(d) or ["/"])
    plain_start = r"(?:->|\.)(%s)\s*=\s*\w+(?:->|\.)(?!\1\b)[^;=]*;" % shown
    for p in d.old:
        n = find_line(d.old[p], start) or find_line(d.old[p], plain_start)
        if n:
            return p, n, PER_PARENT
    return explain(d, "available_instances")
