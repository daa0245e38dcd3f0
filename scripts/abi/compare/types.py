# SPDX-License-Identifier: GPL-2.0-only
"""The differences between the types of two dumps, in words that a driver's maintainer can act upon.

libabigail decides whether two dumps differ. This comparison names the cause, and it is a second
opinion: a change that only one of the two sees is reported as well.
"""
import re

from abi.compare.change import NOTHING, REBUILD, SOURCE, Change, of_export, unified
from abi.compare.reserved import settle, ungrouped

INTEGER = re.compile(
    r"(?:const )?(?:unsigned |signed )?(?:_Bool|bool|char|short|int|long|short int|long int|"
    r"long long int|size_t|s?size_t|[us](?:8|16|32|64)|__[us](?:8|16|32|64)|atomic\w*_t)")


# typedefs that say no more than the width and the sign
SYNONYM = re.compile(r"(?:__)?[su](?:8|16|32|64)|(?:__)?u?int(?:8|16|32|64)_t|u_?(?:char|short|int|"
                     r"long)|unchar|uint|bool|s?size_t|__kernel_s?size_t|__kernel_u?long_t")


class Facts:
    """The facts about one type, the worst effect among them, and the names that a driver uses."""

    def __init__(self):
        self.texts, self.effect, self.words = [], NOTHING, set()

    def add(self, text, effect, *names):
        self.texts.append(text)
        self.effect = max(self.effect, effect)
        self.words.update(n.split(".")[-1] for n in names)

    def allow(self, text):
        """A fact that asks nothing of drivers."""
        self.texts.append(text)

    def removed_and_added(self, old, new, what, same):
        """Members that are gone and members that are new; a pair of them that is the same is a
        renamed one."""
        names = {m.name for m in old}, {m.name for m in new}
        gone = [m for m in old if m.name not in names[1]]
        came = [m for m in new if m.name not in names[0]]
        for m in list(gone):
            twin = next((c for c in came if same(m, c)), None)
            if twin:
                self.add(f"{what} {m.name} renamed to {twin.name}", SOURCE, m.name)
                gone.remove(m)
                came.remove(twin)
        for m in gone:
            self.add(f"{what} {m.name} removed", SOURCE, m.name)
        return gone, came


def compare_types(old, new):
    """The facts about one type on two sides."""
    facts = Facts()
    {"typedef": _typedefs, "enum": _enums}.get(old.kind, _structs)(facts, old, new)
    return facts


def same_type(old, new):
    """Whether two types differ in the names of their typedefs alone. Each is (text without
    typedefs, names of the typedefs of integers): one such as __be32 is a type of its own."""
    return old[0] == new[0] and all(SYNONYM.fullmatch(n) for n in old[1] ^ new[1])


def _typedefs(facts, old, new):
    a, b = old.members[0], new.members[0]
    if a.text != b.text and same_type(a.plain(), b.plain()):
        facts.allow("same type by another name")
    elif a.text != b.text:
        facts.add("stands for another type", REBUILD)
    _alignment(facts, old, new)


def _enums(facts, old, new):
    _, came = facts.removed_and_added(old.members, new.members, "enumerator",
                                      lambda a, b: a.offset == b.offset)
    for m in came:
        facts.add(f"enumerator {m.name} added", REBUILD)
    now = {m.name: m.offset for m in new.members}
    for m in old.members:
        if now.get(m.name, m.offset) != m.offset:
            facts.add(f"enumerator {m.name} renumbered", REBUILD, m.name)
    if old.size != new.size and old.size and new.size:
        facts.add(f"size {old.size} -> {new.size} bytes", REBUILD)


def _structs(facts, old, new):
    members = settle(facts, old, new)
    members = members[0], ungrouped(facts, *members)
    gone, came = facts.removed_and_added(
        *members, "member",
        lambda a, b: a.offset == b.offset and _renamed(b, a.name) == a.text)
    was, now = ({m.name: m for m in side} for side in members)
    kept = [n for n in was if n in now]
    for n in kept:
        _member(facts, was[n], now[n])
        if old.detailed and new.detailed:
            _details(facts, was[n], now[n])
    moved = [n for n in kept if was[n].offset != now[n].offset]
    for m in came:
        if not moved and old.size == new.size:
            facts.add(f"member {m.name} added in a hole", REBUILD)
        elif not moved and all(m.offset > now[n].offset for n in kept):
            facts.add(f"member {m.name} appended", REBUILD)
        else:
            facts.add(f"member {m.name} inserted", REBUILD)
    orders = [sorted(kept, key=lambda n: side[n].offset) for side in (was, now)]
    if orders[0] != orders[1]:
        facts.add("members in another order", REBUILD)
    elif moved and not (came or gone or facts.effect):
        facts.add("members moved", REBUILD)
    if old.key.startswith("union ") and kept:
        # an initializer without a name sets this one
        first = [members[0][0].name, members[1][0].name]
        if first[0] != first[1] and set(first) <= set(kept):
            facts.allow(f"member {first[1]} is the first one instead of {first[0]}")
    _alignment(facts, old, new)
    if old.size != new.size:
        facts.add(f"size {old.size} -> {new.size} bytes", REBUILD)


def _alignment(facts, old, new):
    if old.alignment != new.alignment and (old.detailed and new.detailed
                                           or old.alignment and new.alignment):
        was, now = (t.alignment or "default" for t in (old, new))
        facts.add(f"alignment {was} -> {now} bytes", REBUILD)


def _renamed(member, name):
    """The text of a member under another name."""
    was, now = (n.rpartition(".") for n in (member.name, name))
    return member.text.replace(was[2], now[2], 1) if was[0] == now[0] else member.text


def _member(facts, a, b):
    """A member that both sides have under one name."""
    if a.order != b.order:
        facts.add(f"member {a.name} has another byte order", REBUILD, a.name)
    elif a.text != b.text and same_type(a.plain(), b.plain()):
        facts.allow(f"member {a.name}: same type by another name")
    elif a.text == b.text:
        if a.size != b.size and a.size and b.size:
            facts.add(f"member {a.name} has another size", REBUILD, a.name)
    elif a.callback and b.callback:
        facts.add(f"callback {a.name} has another signature", SOURCE, a.name)
    elif _integer(a) and _integer(b):
        wider = (b.size or 0) - (a.size or 0)
        how = "widened" if wider > 0 else "narrowed" if wider < 0 else "has another type"
        facts.add(f"member {a.name} {how}", REBUILD, a.name)
    else:
        facts.add(f"member {a.name} has another type", SOURCE, a.name)


def _details(facts, a, b):
    """Bit-fields and alignment of a member that both sides have."""
    if a.bits != b.bits:
        if not b.bits:
            how = "is no longer a bit-field"
        elif not a.bits:
            how = f"became a bit-field, {b.bits} wide"
        else:
            how = f"bit-field width {a.bits} -> {b.bits}"
        facts.add(f"member {a.name} {how}", REBUILD, a.name)
    if a.callback and b.callback and a.convention != b.convention:
        facts.add(f"callback {a.name} has another calling convention", REBUILD, a.name)
    for n, value in (a.enumerators or {}).items() if b.enumerators is not None else ():
        if n not in b.enumerators:
            facts.add(f"enumerator {n} of member {a.name} removed", SOURCE, n)
        elif b.enumerators[n] != value:
            facts.add(f"enumerator {n} of member {a.name} renumbered", REBUILD, n)
    if a.inner and b.inner:
        within = compare_types(a.inner, b.inner)
        for text in within.texts:
            facts.add(f"member {a.name}: {text}", within.effect, a.name)
    if a.alignment != b.alignment:
        was, now = (m.alignment or "default" for m in (a, b))
        facts.add(f"member {a.name} aligned to {now} instead of {was} bytes", REBUILD, a.name)


def _integer(member):
    return INTEGER.fullmatch(member.text.removesuffix(member.name).strip()) is not None


def compare(old, new):
    """Changes, and the names of added exports, from the dump old to the dump new.

    A part that one side did not read makes no change: that side says so.
    """
    changes, untyped = [], old.untyped | new.untyped
    for name, (text, _) in old.exports.items():
        now = new.exports[name][0] if name in new.exports else None
        if now is None:
            changes.append(of_export(name, "removed", SOURCE, [f"-{text}"]))
        elif text != now and name not in untyped:
            c = of_export(name, "", SOURCE, [f"-{text}", f"+{now}"])
            if same_type(old.plain(name), new.plain(name)):
                c.facts, c.effect = ["same type by another name"], NOTHING
            else:
                c.facts = _signature(text, now, name)
            changes.append(c)
    for key, before in old.types.items():
        name = key.split()[-1]
        if key in new.types:
            facts = compare_types(before, new.types[key])
            if facts.texts:
                changes.append(Change(
                    key, facts.texts, facts.effect,
                    unified(before.lines(True), new.types[key].lines(True)),
                    old.exports_reaching(key), facts.words | {name}))
        elif before.kind != "typedef" and not new.blind:
            # the type behind a typedef is compared where it is used
            changes.append(Change(
                key, ["no longer public"], SOURCE, ["-" + x for x in before.lines()],
                old.exports_reaching(key), [name]))
    return changes, [n for n in new.exports if n not in old.exports]


def _signature(old, new, name):
    if not re.search(rf"\b{re.escape(name)}\(", old):
        return ["has another type"]
    facts = []
    before, after = (re.match(rf"(.*?)\b{re.escape(name)}\b(.*)$", t) for t in (old, new))
    if not before or not after:
        return ["another type"]
    if before[1] != after[1]:
        facts.append("returns another type")
    if before[2] != after[2]:
        facts.append("has other parameters")
    return facts or ["another type"]


def drift(baseline, stock, ours):
    """Keys of types that differ from the baseline in ours and in stock alike: the kernel moved."""
    return {k for k, t in ours.types.items() if k in baseline.types and k in stock.types
            and t.lines() == stock.types[k].lines() and t.lines() != baseline.types[k].lines()}


PROBE_SUBJECT = re.compile(
    r"(export|enum) abi_(struct|union|enum|typedef|constant|inline)_(\w+)$")


def readable(changes):
    """The changes in the words of the header instead of those of the probe."""
    return [c for c in map(_readable, changes) if c]


def _readable(change):
    change.exports = sorted({
        re.sub(r"^abi_inline_", "inline ", e) for e in change.exports
        if not re.match(r"abi_(struct|union|enum|typedef|constant|align)_", e)})
    m = PROBE_SUBJECT.match(change.subject)
    if not m:
        return change
    where, kind, name = m.groups()
    change.words = {name}
    if kind == "constant":
        change.subject = f"constant {name}"
        values = [v[1] for v in (re.search(r"= (-?\d+)", x) for x in change.diff) if v]
        gone = where == "export" or change.facts == ["no longer public"]
        change.facts = ["removed"] if gone else [" -> ".join(values)]
        change.effect = SOURCE if gone else REBUILD
    elif kind == "inline":
        change.subject = f"inline {name}"
        change.diff = [x.replace(f"abi_inline_{name}", name) for x in change.diff]
    elif change.facts == ["removed"]:
        # the dump lacks the type itself as well and reports it under the same subject
        change.subject, change.facts = f"{kind} {name}", ["no longer public"]
    else:
        return None
    return change
