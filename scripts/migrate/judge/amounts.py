# SPDX-License-Identifier: GPL-2.0-only
"""Whether a driver with a shared resource takes what the core will take for it: each statement with
the counter has the amount that the pool has as the cost of a type, and nothing beside it."""
import re

from migrate.driver import NotConverted
from migrate.judge.slots import Slots

COSTS = re.compile(r"MDEV_(?:TYPE_COST\([^,()]+,\s*\w+|COSTS\([^,()]+),\s*(\w+)\)")
# a number that changes an amount; 0 does not
NUMBER = re.compile(r"(?<![\w.])(?:[1-9]\d*|0x0*[1-9a-f][0-9a-f]*)[uUlL]*\b")
BY_HAND = ": declare a budget by hand"


def statements(n):
    """The parts of removed code that have no parts of their own: (node, cursor, text)."""
    for x in n.walk():
        if x.kind in ("if", "loop"):
            yield x, x.condition, x.head
        elif not x.parts and x.cursor:
            yield x, x.cursor, x.text


def leaves(cursor):
    """The members whose values code has; those on the way to them do not count."""
    if cursor.kind.name == "MEMBER_REF_EXPR":
        return {cursor.spelling}
    return set().union(*map(leaves, cursor.get_children()))


def check_amounts(account):
    """Refuse a driver whose amounts are not the costs of its types."""
    costs = {m for p in account.old.trees for m in COSTS.findall(account.d.new[p])}
    # with several resources an instance keeps what it took, and each change computes what is left
    if len(costs) != 1 or not account.counters or list(account.limits()):
        return
    cost, own = min(costs), {x.key for _, x in account.counters.values()}
    for p, gone in account.gone_code():
        for n, cursor, text in statements(gone):
            if not account.old.refs(cursor).keys() & account.counters.keys():
                continue
            other = sorted(leaves(cursor) - {cost} - own)
            if other:
                raise NotConverted(p, n.line, f"{other[0]} stands beside the counter here, and the "
                                   f"cost of a type is {cost}" + BY_HAND)
            if NUMBER.search(re.sub(r'"[^"]*"', "", text)):
                raise NotConverted(p, n.line, "this takes or shows another amount than the cost of "
                                              "a type" + BY_HAND)
    Slots(account).check_places()
