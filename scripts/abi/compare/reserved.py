# SPDX-License-Identifier: GPL-2.0-only
"""Reserved members of a structure that are put to use, and members that are grouped.

Distributions keep members free so that a later kernel can use their space; see abi/policy.conf. A
driver that was built before does not know the new member, and all else is where it was.
"""
from abi.judge.policy import policy


def settle(facts, old, new):
    """Note the reserved members of old that new uses, and return both lists of members without
    these, and without what the conventions' macros keep beside a used one."""
    rules = policy()
    was, now = (_shown(t, rules) for t in (old, new))
    names = {m.name for m in was}, {m.name for m in now}
    free = [m for m in was if rules.family(m.name) and m.size and not _twin(m, now)]
    came = [m for m in now if m.name not in names[0]]
    renamed = {m.name for m in free if m.name not in names[1]
               and any(rules.family(n.name) and _same_place(m, n) for n in came)}
    places = {m.offset for m in was if m.name in renamed}
    was = [m for m in was if m.name not in renamed]
    now = [m for m in now if not (rules.family(m.name) and m.offset in places)]
    free, came = ([m for m in some if m in side] for some, side in ((free, was), (came, now)))
    for first, last, members in _runs(free):
        users = [m for m in came if m.size and first <= m.offset and m.offset + _bits(m) <= last]
        crossing = [m for m in came if m not in users and m.offset < last
                    and m.offset + _bits(m) > first]
        gone = [m for m in members if m.name not in names[1]]
        if not users or crossing or not gone:
            continue
        used = [m for m in members if any(_overlap(m, u) for u in users)]
        facts.allow(f"reserved space {', '.join(m.name for m in used)} used by "
                    f"{', '.join(m.name for m in users)} ({rules.family(used[0].name)})")
        was = [m for m in was if m not in members]
        now = [m for m in now if m not in users and m.name not in {x.name for x in members}]
    return was, now


def ungrouped(facts, old, new):
    """Members of new without those that only give a group of others a name: struct_group()."""
    roots = {m.name.split(".")[0] for m in old}
    kept = {m.name: m for m in new if m.name in {o.name for o in old}}
    extra = {}
    for m in new:
        group, dot, _ = m.name.partition(".")
        if group not in roots and (dot or "struct " in m.text):
            extra.setdefault(group, []).append(m)
    for group, members in extra.items():
        if all(_covered(m, kept.values()) for m in members):
            facts.allow(f"members grouped as {group}")
            new = [m for m in new if m not in members]
    return new


def _shown(t, rules):
    """The members without those that are hidden behind a used one."""
    shown = [m for m in t.members if not rules.hides(m.name)]
    return [m for m in shown if not (rules.family(m.name)
                                     and any(_overlap(m, n) for n in shown if n is not m))]


def _bits(m):
    return m.bits or m.size or 0


def _overlap(a, b):
    return a.offset < b.offset + _bits(b) and b.offset < a.offset + _bits(a)


def _same_place(a, b):
    return a.offset == b.offset and a.size == b.size


def _twin(member, members):
    return any(m.name == member.name and m.text == member.text and m.offset == member.offset
               for m in members)


def _runs(members):
    """[(first bit, bit behind the last, members)] of members that follow one another."""
    runs = []
    for m in sorted(members, key=lambda x: x.offset):
        if runs and runs[-1][1] == m.offset:
            runs[-1] = (runs[-1][0], m.offset + m.size, [*runs[-1][2], m])
        else:
            runs.append((m.offset, m.offset + m.size, [m]))
    return runs


def _covered(member, others):
    """Whether other members begin and end where a member does."""
    end = member.offset + (member.size or 0)
    inside = [o for o in others if member.offset <= o.offset and o.offset + _bits(o) <= end]
    return (bool(inside) and member.size is not None
            and min(o.offset for o in inside) == member.offset
            and max(o.offset + _bits(o) for o in inside) >= end - 63)
