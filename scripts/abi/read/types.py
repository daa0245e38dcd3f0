# SPDX-License-Identifier: GPL-2.0-only
"""The public types and exports of a module as text, read from abidw's XML; what changed between two of them, and whom it reaches.

libabigail decides whether there is a change. This says which, in words that a person can act upon, and it is a second
opinion: a change that only one of the two sees is reported as well.
"""
import difflib
import re
import xml.etree.ElementTree as ET

from lib.common import CannotRun

NOTHING, REBUILD, SOURCE = 0, 1, 2


class Type:
    """A public type: its text, line by line, what it is made of, and the types that it refers to."""

    def __init__(self, key, kind, size, members, refers):
        self.key, self.kind, self.size, self.members, self.refers = key, kind, size, members, refers

    def lines(self):
        if self.kind == "typedef":
            return [f"typedef {m.text};" for m in self.members]
        if self.kind == "enum":
            return [self.key + " {", *(f"\t{m.name} = {m.offset}," for m in self.members), "};"]
        return [f"{self.key} {{", *(f"\t/* {m.where():>6} */ {m.text};" for m in self.members), f"}}; /* {self.size} bytes */"]


class Member:
    def __init__(self, name, text, offset, size=None, callback=False):
        self.name, self.text, self.offset, self.size, self.callback = name, text, offset, size, callback

    def where(self):
        return f"{self.offset // 8}" + (f":{self.offset % 8}" if self.offset % 8 else "")


class Dump:
    """What one abidw file says: types by key ("struct mdev_type"), exports by name."""

    def __init__(self, path):
        try:
            self.root = ET.parse(path).getroot()
        except (ET.ParseError, OSError) as e:
            raise CannotRun(f"{path} is not a whole dump of abidw: {e}") from None
        if self.root.tag != "abi-corpus":
            raise CannotRun(f"{path} holds no abi-corpus")
        self.format = self.root.get("version")
        self.by_id, self.types, self.exports = {}, {}, {}
        for e in self.root.iter():
            if e.get("id") and (e.get("id") not in self.by_id or e.get("is-declaration-only") != "yes"):
                self.by_id[e.get("id")] = e
        for e in self.root.iter():
            if e.tag in ("class-decl", "union-decl", "enum-decl") and e.get("is-declaration-only") != "yes" \
               and e.get("is-anonymous") != "yes":
                self._add_type(e)
            elif e.tag == "typedef-decl":
                self._add_typedef(e)
        symbols = {e.get("name") for e in self.root.iter("elf-symbol")}
        for e in self.root.iter():
            if e.get("elf-symbol-id") and (e.get("name") in symbols or e.get("elf-symbol-id").split("@")[0] in symbols):
                refers = set()
                if e.tag == "function-decl":
                    self.exports[e.get("name")] = (self._function(e, e.get("name"), refers), refers)
                elif e.tag == "var-decl":
                    self.exports[e.get("name")] = (self.declare(e.get("type-id"), e.get("name"), refers), refers)
        # a function of assembler, or one that the compiler folded into its twin, is a symbol and nothing else
        self.untyped = symbols - set(self.exports)
        for name in self.untyped:
            self.exports[name] = (f"{name} (no type known)", set())

    def key_of(self, e):
        if e.get("naming-typedef-id"):
            return e.get("name")
        kind = {"union-decl": "union", "enum-decl": "enum"}.get(e.tag, "struct")
        return f"{kind} {e.get('name')}"

    def _add_typedef(self, e):
        under = self.by_id.get(e.get("type-id"))
        # a struct without a name is declared under its typedef's; abidw gives two such structs one id when it knows neither
        if under is None or under.get("naming-typedef-id"):
            return
        refers = set()
        text = self.declare(e.get("type-id"), e.get("name"), refers)
        self.types[f"typedef {e.get('name')}"] = Type(f"typedef {e.get('name')}", "typedef", None, [Member(e.get("name"), text, 0)], refers)

    def _add_type(self, e):
        key, refers, members = self.key_of(e), set(), []
        if e.tag == "enum-decl":
            members = [Member(x.get("name"), x.get("name"), int(x.get("value"))) for x in e.findall("enumerator")]
            self.types[key] = Type(key, "enum", None, members, refers)
            return
        self._members(e, 0, members, refers)
        self.types[key] = Type(key, "struct", int(e.get("size-in-bits") or 0) // 8, members, refers)

    def _members(self, e, base, members, refers):
        """The members in the order of the source, those of an anonymous struct inside in its place."""
        for m in e.findall("data-member"):
            v = m.find("var-decl")
            offset = base + int(m.get("layout-offset-in-bits") or 0)
            under = self.by_id.get(v.get("type-id"))
            if under is not None and under.get("is-anonymous") == "yes" and under.tag in ("class-decl", "union-decl"):
                inner = [] if v.get("name") else members
                self._members(under, offset, inner, refers)
                for i in inner if v.get("name") else ():
                    members.append(Member(f"{v.get('name')}.{i.name}", f"{i.text} [in {v.get('name')}]", i.offset, i.size, i.callback))
                continue
            members.append(Member(v.get("name"), self.declare(v.get("type-id"), v.get("name"), refers), offset,
                                  self.size_of(v.get("type-id")), self._is_callback(v.get("type-id"))))

    def _is_callback(self, type_id):
        e = self.by_id.get(type_id)
        while e is not None and e.tag in ("typedef-decl", "qualified-type-def", "pointer-type-def"):
            e = self.by_id.get(e.get("type-id"))
        return e is not None and e.tag == "function-type"

    def size_of(self, type_id):
        e = self.by_id.get(type_id)
        while e is not None and e.tag in ("typedef-decl", "qualified-type-def"):
            e = self.by_id.get(e.get("type-id"))
        return int(e.get("size-in-bits")) if e is not None and (e.get("size-in-bits") or "").isdigit() else None

    def _function(self, e, name, refers):
        parameters = ["..." if p.get("is-variadic") == "yes" else self.declare(p.get("type-id"), "", refers) for p in e.findall("parameter")]
        result = e.find("return")
        text = f"{name}({', '.join(parameters) or 'void'})"
        return self.declare(result.get("type-id"), text, refers) if result is not None else "void " + text

    def declare(self, type_id, name, refers):
        """A declaration of name with this type, in C."""
        e = self.by_id.get(type_id)
        if e is None:
            return f"? {name}".rstrip()
        under = self.by_id.get(e.get("type-id") or "")
        if e.tag in ("pointer-type-def", "reference-type-def"):
            bracket = under is not None and under.tag in ("function-type", "array-type-def")
            return self.declare(e.get("type-id"), f"(*{name})" if bracket else f"*{name}", refers)
        if e.tag == "array-type-def":
            sizes = "".join(f"[{'' if r.get('length') in ('infinite', 'unknown', '0') else r.get('length')}]" for r in e.findall("subrange"))
            return self.declare(e.get("type-id"), name + sizes, refers)
        if e.tag == "qualified-type-def":
            words = " ".join(q for q in ("const", "volatile", "restrict") if e.get(q) == "yes")
            if under is not None and under.tag == "pointer-type-def":
                return self.declare(e.get("type-id"), f"{words} {name}".strip(), refers)
            return f"{words} {self.declare(e.get('type-id'), name, refers)}"
        if e.tag == "function-type":
            return self._function(e, name, refers)
        if e.tag == "typedef-decl":
            refers.add(f"typedef {e.get('name')}")
            refers.add(e.get("name"))
            return f"{e.get('name')} {name}".rstrip()
        if e.tag == "type-decl":
            return f"{e.get('name')} {name}".rstrip()
        key = self.key_of(e)
        refers.add(key)
        return f"{key} {name}".rstrip()

    def reached_by(self, name):
        """Keys of all types that an export leads to."""
        seen, todo = set(), list(self.exports[name][1])
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                if key in self.types:
                    todo.extend(self.types[key].refers)
        return seen

    def exports_reaching(self, key):
        return sorted(n for n in self.exports if key in self.reached_by(n))


class Change:
    """One thing that changed, with what follows from it."""

    def __init__(self, subject, facts, effect, diff=(), exports=(), words=()):
        self.subject, self.facts, self.effect = subject, list(facts), effect
        self.diff, self.exports, self.words = list(diff), list(exports), set(words)
        self.against, self.module, self.drivers, self.patches, self.suppressed, self.loader = "", "", [], [], "", ""

    def ids(self):
        return [f"{self.subject}: {f}" for f in self.facts]


def unified(old, new):
    return [x for x in difflib.unified_diff(old, new, "old", "new", n=30, lineterm="")][2:]


def _integer(text, name):
    return re.fullmatch(r"(?:const )?(?:unsigned |signed )?(?:_Bool|bool|char|short|int|long|short int|long int|long long int|size_t|"
                        r"s?size_t|[us](?:8|16|32|64)|__[us](?:8|16|32|64)|atomic\w*_t)", text.removesuffix(name).strip()) is not None


def compare_types(key, old, new):
    """Facts and effect of what became of a type."""
    facts, effect, words = [], NOTHING, set()

    def fact(text, how, *names):
        nonlocal effect
        facts.append(text)
        effect = max(effect, how)
        words.update(n.split(".")[-1] for n in names)

    was, now = {m.name: m for m in old.members}, {m.name: m for m in new.members}
    gone, came = [m for m in old.members if m.name not in now], [m for m in new.members if m.name not in was]
    if old.kind == "typedef":
        if old.members[0].text != new.members[0].text:
            fact("stands for another type", REBUILD)
        return facts, effect, words
    if old.kind == "enum":
        for m in list(gone):
            twin = next((c for c in came if c.offset == m.offset), None)
            if twin:
                fact(f"enumerator {m.name} renamed to {twin.name}", SOURCE, m.name)
                gone.remove(m)
                came.remove(twin)
        for m in gone:
            fact(f"enumerator {m.name} removed", SOURCE, m.name)
        for m in came:
            fact(f"enumerator {m.name} added", REBUILD)
        for name in was:
            if name in now and was[name].offset != now[name].offset:
                fact(f"enumerator {name} renumbered", REBUILD, name)
        return facts, effect, words
    for m in list(gone):
        twin = next((c for c in came if c.offset == m.offset and c.text.replace(c.name, m.name, 1) == m.text), None)
        if twin:
            fact(f"member {m.name} renamed to {twin.name}", SOURCE, m.name)
            gone.remove(m)
            came.remove(twin)
    for m in gone:
        fact(f"member {m.name} removed", SOURCE, m.name)
    kept = [n for n in was if n in now]
    for n in kept:
        a, b = was[n], now[n]
        if a.text == b.text:
            if a.size != b.size and a.size and b.size:
                fact(f"member {n} has another size", REBUILD, n)
        elif a.callback and b.callback:
            fact(f"callback {n} has another signature", SOURCE, n)
        elif _integer(a.text, n) and _integer(b.text, n):
            wider = (b.size or 0) - (a.size or 0)
            fact(f"member {n} {'widened' if wider > 0 else 'narrowed' if wider < 0 else 'has another type'}", REBUILD, n)
        else:
            fact(f"member {n} has another type", SOURCE, n)
    moved = [n for n in kept if was[n].offset != now[n].offset]
    order_old, order_new = sorted(kept, key=lambda n: was[n].offset), sorted(kept, key=lambda n: now[n].offset)
    for m in came:
        if not moved and old.size == new.size:
            fact(f"member {m.name} added in a hole", REBUILD)
        elif not moved and all(m.offset > now[n].offset for n in kept):
            fact(f"member {m.name} appended", REBUILD)
        else:
            fact(f"member {m.name} inserted", REBUILD)
    if order_old != order_new:
        fact("members in another order", REBUILD)
    elif moved and not (came or gone or facts):
        fact("members moved", REBUILD)
    if old.size != new.size:
        fact(f"size {old.size} -> {new.size} bytes", REBUILD)
    return facts, effect, words


def compare(old, new):
    """Changes, and names of what was added, from the dump old to the dump new."""
    changes, added = [], []
    for name, (text, _) in old.exports.items():
        if name not in new.exports:
            changes.append(Change(f"export {name}", ["removed"], SOURCE, [f"-{text}"], [name], [name]))
        elif text != new.exports[name][0]:
            changes.append(Change(f"export {name}", _signature(text, new.exports[name][0], name), SOURCE,
                                  [f"-{text}", f"+{new.exports[name][0]}"], [name], [name]))
    added += [n for n in new.exports if n not in old.exports]
    for key, before in old.types.items():
        exports = old.exports_reaching(key)
        if key not in new.types:
            if before.kind != "typedef":        # what it stood for is compared where it was used
                changes.append(Change(key, ["no longer public"], SOURCE, ["-" + x for x in before.lines()], exports, [key.split()[-1]]))
            continue
        facts, effect, words = compare_types(key, before, new.types[key])
        if facts:
            changes.append(Change(key, facts, effect, unified(before.lines(), new.types[key].lines()), exports,
                                  words | {key.split()[-1]}))
    return changes, added


def _signature(old, new, name):
    facts = []
    before, after = (re.match(rf"(.*?)\b{re.escape(name)}\b(.*)$", t) for t in (old, new))
    if not before or not after:
        return ["another type"]
    if before[1] != after[1]:
        facts.append("returns another type")
    if before[2] != after[2]:
        facts.append("has other parameters" if "(" in before[2] else "has another type")
    return facts or ["another type"]
