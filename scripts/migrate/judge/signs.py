# SPDX-License-Identifier: GPL-2.0-only
"""Whether a number that the core gets may be below 0: the members that hold it have no sign."""
import re

from migrate.judge.comparison import unverified
from migrate.driver import NotConverted

NUMBER = re.compile(r"(?:(?:\.|->)max_instances|\.total)\s*=\s*([^,;]+?)\s*[,;]")
SIGNED = {"SCHAR", "CHAR_S", "SHORT", "INT", "LONG", "LONGLONG", "INT128"}
READ = {"VAR_DECL", "PARM_DECL", "FIELD_DECL"}
SIZEOF = "CXX_UNARY_EXPR"


def expression(tree, start, end):
    """The expression at this place as it is written, without the conversions around it."""
    found = None
    for n in tree.nodes:
        a = n.cursor and n.cursor.extent
        if a and a.start.offset <= start and end <= tree.end(n.cursor):
            for c in n.cursor.walk_preorder():
                if c.kind.is_expression() and c.kind.name != "UNEXPOSED_EXPR" and \
                        (c.extent.start.offset, c.extent.end.offset) == (start, end):
                    found = c
    return found


def reads(cursor):
    """Whether an expression has the value of a variable or a member in it."""
    if cursor.kind.name == SIZEOF:
        return False
    target = cursor.referenced
    return bool(target and target.kind.name in READ) or any(map(reads, cursor.get_children()))


def check_signs(account):
    """Refuse a limit or a total that may be below 0 and has no bound."""
    d = account.d
    for p, tree in account.new.trees.items():
        # one character for each byte, as the cursors count
        text, old = tree.source.decode("latin-1"), d.old[p]
        for m in NUMBER.finditer(text):
            number = m.group(1)
            if m.group(0) in old or not re.search("[a-z]", number) or number.startswith("max_t("):
                continue
            line = d.original_line(p, tree.line(m.start()))
            c = expression(tree, *m.span(1))
            if c is None:
                raise unverified(p, line, f"the type of {number} is not known")
            if reads(c) and c.type.get_canonical().kind.name in SIGNED:
                raise NotConverted(p, line, f"{number} may be below 0, and the core would take it "
                                            "for a large number: make it unsigned")
