# SPDX-License-Identifier: GPL-2.0-only
"""Judges whether the rules converted a driver completely and left nothing broken."""
import re

from migrate.c_text import (conditional_lines, find_line, functions, inside_struct, line_changes,
                            line_of, members, plain, with_bound)
from migrate.driver import NotConverted
from migrate.grouping import shown_members
from migrate.reasons import IN_IF, OPS, declaration, explain, explain_count, same_member, use_of

# NULL leaves counting to the core
CALLBACK = r"\.get_available\s*=(?!\s*NULL\b)"
API_LEFT = r"\bmdev_type_attr_device_api\b|\bdevice_api_show\b"
API_DECLARED = r"\b(?:MDEV_TYPE|_)_ATTR\w*\(device_api\b"
COUNT_LEFT = (r"\bmdev_type_attr_available_instances\b|\bavailable_instances_show\b"
              r"|ATTR\w*\(available_instances\b|" + CALLBACK)
NUMBER = r"(?:\.|->)max_instances\s*=|\.budget\s*="
DECLARATION = re.compile(r"^\s*(?:static\s+)?(?:unsigned\s+)?(?:struct\s+)?\w+\s+\**(\w+)"
                         r"\s*(?:=[^;]*)?;\s*$")
WRITABLE = r"0\d*[2367]\d{2}"


def check_whole(d, api, count):
    """Raise NotConverted unless the driver is converted as far as api and count ask."""
    after = {p: plain(t) for p, t in d.new.items()}
    if api:
        check_api(d, after)
    if count:
        check_count(d, after)
    check_names(d, after)
    check_members(d, after)
    for p in d.changed():
        check_conditions(d, p)
        check_statements(d, p)
        check_functions(d, p)
        check_callers(d, p, after[p])


def check_era(d):
    """Refuse the interface of 5.13 to 6.0: no tree has both it and .device_api."""
    code = d.old_code()
    shows = r"_show\s*\(\s*struct mdev_type\s*\*\s*\w*\s*,\s*struct mdev_type_attribute\b"
    creates = "|".join(re.findall(r"\.create\s*=\s*(\w+)", code)) or "no_function"
    between = (shows, r"\b(?:%s)\s*\(\s*struct mdev_device\b" % creates,
               r"struct mdev_driver\s+\w+\s*=\s*\{[^}]*\.supported_type_groups\b")
    for p in d.seeds:
        inside = conditional_lines(d.old[p])
        text = plain(d.old[p])
        lines = {line_of(text, m.start()) for x in between for m in re.finditer(x, text)}
        n = min(lines - inside, default=None)
        if n:
            raise NotConverted(p, n, "this is the mdev interface of Linux 5.13 to 6.0, which the "
                                     "core does not provide: port the driver to that of 6.1 first")


# ---- is the attribute gone, and its value in the structure of callbacks?

def check_api(d, after):
    told = explain(d, "device_api")
    if not re.search(r"(?:\.|->)device_api\s*=", "\n".join(after.values())):
        raise NotConverted(*told)
    for p in d.seeds:
        m = re.search(API_LEFT + "|" + API_DECLARED, after[p])
        if not m:
            continue
        if re.search(API_DECLARED, after[p]) or declaration(p, d.old[p], "device_api"):
            raise NotConverted(*told)
        raise NotConverted(*d.original_place(p, after[p], m.start()),
                           f"{m.group(0)} is also used here: give this use a function of its own")


def check_count(d, after):
    both = "\n".join(after.values())
    if not re.search(NUMBER + r"|\bmdev_register_(parent_budget|\w+_pools)\b", both):
        raise NotConverted(*explain_count(d))
    if any(re.search(COUNT_LEFT, after[p]) for p in d.seeds):
        raise NotConverted(*explain(d, "available_instances"))
    n = len(re.findall(NUMBER, both))
    if n > 1 and len(re.findall(OPS, both)) < n:
        check_twins(d, shown_members(d))
        p = d.changed()[0]
        raise NotConverted(p, find_line(d.old[p], r"available_instances|get_available") or 1,
                           "the number of instances would be set in more than one place: register "
                           "the parent in one place, or set .max_instances by hand")


def check_twins(d, names):
    """No two structures have a member of one of these names."""
    found = {}
    for p in d.old:
        for name, line in members(d.old[p]):
            if name in names and found.setdefault(name, (p, line)) != (p, line):
                raise NotConverted(p, line, same_member(name))


# ---- does any use outlive its declaration?

def removed_declarations(d):
    """Variables and members with a declaration that went: {name: [(path, line's text), ...]}."""
    gone = {}
    for p in d.changed():
        changes = line_changes(plain(d.old[p]), plain(d.new[p]))
        old, now = (plain(x[p]).split("\n") for x in (d.old, d.new))
        new = {m.group(1) for _, _, j1, j2 in changes for x in now[j1:j2]
               for m in [DECLARATION.match(x)] if m}
        for line in (x for i1, i2, _, _ in changes for x in old[i1:i2]):
            m = DECLARATION.match(line)
            if m and m.group(1) != "break" and m.group(1) not in new:
                gone.setdefault(m.group(1), []).append((p, line))
    return gone


def first_line(text, line):
    lines = text.split("\n")
    return lines.index(line) + 1 if line in lines else 1


def check_names(d, after):
    for name, places in removed_declarations(d).items():
        # at file scope, or a member; a local variable does not count
        shared = [(p, x) for p, x in places
                  if not x.startswith("\t") or inside_struct(d.old[p], x)]
        if len(shared) > 1:
            p, x = shared[1]
            raise NotConverted(p, first_line(d.old[p], x), same_member(name))
        for p, x in shared:
            check_name(d, after, name, p, x)


def check_name(d, after, name, path, line):
    """A removed variable or member has no use left."""
    member = line.startswith("\t")
    if member and any(name + ";" in t and re.search(r"^\s[^;()]*\b%s;" % name, t, re.M)
                      for t in after.values()):
        # a member of another structure, which the rules told apart by its type
        return
    use = r"(?:->|\.)\s*%s\b" % name if member else r"(?<![.>])\b%s\b" % name
    for p in d.seers(path, member or line.startswith("static")):
        m = re.search(use, after[p])
        if m:
            check_twins(d, [name] if member else [])
            place = d.original_place(p, after[p], m.start())
            raise NotConverted(*place, use_of(plain(d.old[p]).split("\n")[place[1] - 1], name))
    parameter = r"\bmodule_param(?:_named)?\((?:\w+, )?%s\b[^)]*(0[0246]*[2367]\d\d|S_IW\w+)" % name
    if re.search(parameter, d.old_code()):
        raise NotConverted(path, first_line(d.old[path], line),
                           f"{name} is a module parameter: count in a variable of its own")


def check_members(d, after):
    """A member that no structure has any more has no use left."""
    old = [(p, *m) for p in d.old for m in members(d.old[p])]
    left = {n for t in d.new.values() for n, _ in members(t)}
    for name in sorted({n for _, n, _ in old} - left):
        places = [(p, line) for p, n, line in old if n == name]
        # a file that does not see the structure means another one
        for p in sorted(set().union(*(d.seers(q, True) for q, _ in places))):
            m = re.search(r"(?:->|(?<=[\w\])])\.)%s\b" % name, after[p])
            if m and len(places) > 1:
                raise NotConverted(*places[1], same_member(name))
            if m:
                raise NotConverted(*d.original_place(p, text, m.start()),
                                   f"no rule matches this use of the member {name}: "
                                   "remove it by hand")


# ---- is what is left of each function still C?

def check_conditions(d, p):
    """No change inside #if."""
    inside = conditional_lines(d.old[p])
    for i1, i2, _, _ in d.changes(p):
        for n in range(i1 + 1, max(i2, i1 + 1) + 1):
            if n in inside and (i2 > i1 or n - 1 in inside):
                raise NotConverted(p, n, IN_IF)


def check_statements(d, p):
    """No new line is an empty statement."""
    lines = d.new[p].split("\n")
    for _, _, j1, j2 in d.changes(p):
        for n in range(j1 + 1, j2 + 1):
            if re.search(r"(^|\))\s*\{\}|^\s*;$", lines[n - 1]):
                raise NotConverted(p, d.original_line(p, n),
                                   "this statement does nothing but count, in a shape that no rule "
                                   "matches: remove it by hand")


def check_functions(d, p):
    """A changed function has a body, and its labels and gotos belong together."""
    before = {body for _, _, body in functions(d.old[p])}
    for name, at, body in functions(d.new[p]):
        if body in before:
            continue
        callback = re.search(r"[=,{]\s*&?%s\b(?!\s*\()" % name, plain(d.new[p]))
        if not body.strip() and not callback:
            raise NotConverted(p, find_line(d.old[p], r"\b%s\s*\(" % name) or 1,
                               f"{name}() does nothing but count: remove it and its callers "
                               "by hand")
        check_labels(d, p, at, body)


def check_labels(d, p, at, body):
    by_hand = "write this error path without it, then run again"
    labels = {m.group(1): m for m in re.finditer(r"^(\w+):\s*$", body, re.M)}
    labels.pop("default", None)
    for label, m in labels.items():
        line = d.original_line(p, line_of(d.new[p], d.new[p].find(f"\n{label}:", at) + 1))
        if not re.search(r"\bgoto %s;" % label, body):
            raise NotConverted(p, line, f"only the limit check jumps to label {label}, and other "
                                        f"code stays behind it: {by_hand}")
        if not body[m.end():].strip():
            raise NotConverted(p, line, f"label {label} only gives an instance back, and the "
                                        f"function ends behind it: {by_hand}")
    for m in re.finditer(r"\bgoto (\w+);", body):
        if not re.search(r"^\s*%s:" % m.group(1), body, re.M):
            raise NotConverted(*d.original_place(p, d.new[p], at),
                               f"label {m.group(1)} only gives an instance back, and no rule "
                               f"matches a goto to it: {by_hand}")


def check_callers(d, p, after):
    """No static function lost its last caller."""
    before = plain(d.old[p])
    for name, at, _ in functions(d.new[p]):
        word = r"\b%s\b" % name
        static = "static" in after[at:after.find("(", at)]
        if static and len(re.findall(word, after)) == 1 < len(re.findall(word, before)):
            raise NotConverted(p, find_line(d.old[p], word + r"\s*\("),
                               f"{name}() serves nothing but the count, in a shape that no rule "
                               "matches: remove it by hand")


# ---- do the type groups and the number stay as the core expects?

def check_types(d):
    """On 5.10 the core finds a cost by its place: groups and table must be in one order."""
    for p in d.changed():
        code = re.sub(r"/\*.*?\*/", "", d.new[p], flags=re.S)
        table = re.search(r"MDEV_COSTS\((\w+), \w+\)", code)
        numbered = "MDEV_COST_ARRAY(" in code
        if not table and not numbered:
            continue
        var = re.search(r"\.supported_type_groups\s*=\s*(\w+)", code)
        var = var.group(1) if var else r"\w+"
        line = find_line(d.old[p], r"struct attribute_group \*\s*%s\[" % var) or 1
        names = group_names(code, var)
        if not names or None in names:
            raise NotConverted(p, line, "supported_type_groups has a group without a plain .name: "
                                        "give each group a name in its initializer")
        if numbered and names != [f'"{i + 1}"' for i in range(len(names))]:
            raise NotConverted(p, line, 'supported_type_groups must be named "1", "2", ... in this '
                                        "order: the core finds a type by its place")
        if table and not same_order(code, table.group(1), names):
            raise NotConverted(p, line, f"supported_type_groups and {table.group(1)} are in "
                                        "different orders: sort one like the other")


def group_names(code, var):
    """The .name of each group of supported_type_groups, or None for one that has no plain one."""
    groups = re.search(r"struct attribute_group \*\s*%s\[\]\s*=\s*\{([^}]*)\}" % var, code)
    names = []
    for g in re.findall(r"&(\w+)", groups.group(1) if groups else ""):
        name = r"struct attribute_group %s\s*=\s*\{[^}]*?\.name\s*=\s*([^,}]+)" % g
        n = re.search(name, code)
        names.append(n.group(1).strip() if n else None)
    return names


def same_order(code, table, names):
    m = re.search(r"\b%s\[\w*\]\s*=\s*\{(.*?)\n\};" % table, code, re.S)
    rows = re.findall(r"\.name\s*=\s*([^\n]*?),?\s*(?:\n|\})", m.group(1)) if m else []
    same = all(n in r or n.strip('"') in r for n, r in zip(names, rows))
    return same and len(rows) == len(names)


def check_parameter(d):
    """A variable with the number is read once: it must be in scope there and stay the same."""
    number = with_bound(r"([A-Za-z_]\w*)")
    pool = r"" if d.of_parent else r"|\.name = \"instances\",\s*\.total"
    read = r"^\s*(?:\w+(?:(?:\.|->)max_instances|\[0\]\.total)%s) = %s[;,]" % (pool, number)
    for p in d.changed():
        for m in re.finditer(read, d.new[p], re.M):
            check_variable(d, p, m.group(1), plain(d.old[p]))


def check_variable(d, p, name, code):
    constant = r"^\s*#\s*define\s+%s\b|\benum\b[\w\s]*\{[^}]*\b%s\b" % (name, name)
    if name.isdigit() or any(re.search(constant, t, re.M) for t in d.old.values()):
        return
    scope = r"^(?:static|extern|unsigned|int|u32|const)[^;(){}\n]*\b%s\b" % name
    if not re.search(scope, code, re.M):
        raise NotConverted(p, find_line(d.old[p], r"\b%s\b" % name) or 1,
                           f"{name} is not in scope where the parent is registered: declare it at "
                           "the top of this file")
    mode = re.search(r"\bmodule_param(?:_named)?(?:_unsafe)?\([^;]*\b%s\b[^;]*,\s*([^,;)]+)\);"
                     % name, code)
    if mode and (re.fullmatch(WRITABLE, mode.group(1).strip()) or "S_IW" in mode.group(1)):
        raise NotConverted(p, line_of(code, mode.start()),
                           f"the parameter {name} is writable, but the core reads it once: make it "
                           "read-only (0444)")
