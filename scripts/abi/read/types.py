# SPDX-License-Identifier: GPL-2.0-only
"""The public types and the exports of a module as C text, read from the XML of abidw."""
import functools
import xml.etree.ElementTree as ET

from lib.common import CannotRun

POINTERS = ("pointer-type-def", "reference-type-def")
TRANSPARENT = ("typedef-decl", "qualified-type-def")
RECORDS = ("class-decl", "union-decl")


class Type:
    """A public type: its text line by line, its members, and the types that it refers to."""

    def __init__(self, key, kind, size, members, refers):
        self.key, self.kind, self.size = key, kind, size
        self.members, self.refers = members, refers
        # bit-fields and alignments are known
        self.alignment, self.detailed = None, False

    def lines(self, details=False):
        """The type as C; with details, bit-fields and alignment too, which a dump lacks."""
        if self.kind == "typedef":
            aligned = f" __aligned({self.alignment})" if details and self.alignment else ""
            return [f"typedef {m.text}{aligned};" for m in self.members]
        if self.kind == "enum":
            return [self.key + " {", *(f"\t{m.name} = {m.offset}," for m in self.members), "};"]
        members = (f"\t/* {m.where():>6} */ {m.text}{m.details() if details else ''};"
                   for m in self.members)
        aligned = f", aligned to {self.alignment}" if details and self.alignment else ""
        return [f"{self.key} {{", *members, f"}}; /* {self.size} bytes{aligned} */"]

    def take_details(self, other):
        """Take what a dump of abidw lacks from the same type as the DWARF has it."""
        self.alignment = self.alignment or other.alignment
        by_name = {m.name: m for m in other.members}
        for m in self.members:
            if m.name in by_name:
                same = by_name[m.name]
                for detail in ("bits", "alignment", "enumerators", "inner", "convention",
                               "order"):
                    setattr(m, detail, getattr(same, detail))
        self.detailed = True


class Member:
    """A member of a struct, with its offset in bits, or an enumerator, with its value as offset."""

    def __init__(self, name, text, offset, size=None, callback=False, plain=None):
        self.name, self.text, self.offset = name, text, offset
        self.size, self.callback = size, callback
        self._plain = plain
        self.bits = self.alignment = None
        # of an enum without a name: {enumerator: value}
        self.enumerators = None
        # of an array of a struct without a name, or a pointer to one: its Type
        self.inner = None
        # of a callback, where the compiler notes it: clang does, gcc does not
        self.convention = None
        # of an integer, if its bytes are not in the order of the machine
        self.order = None

    def plain(self):
        """(text without typedefs, names of the typedefs of integers in it)"""
        return self._plain() if self._plain else (self.text, set())

    def details(self):
        aligned = f" __aligned({self.alignment})" if self.alignment else ""
        inner = f" /* {' '.join(self.inner.lines(True))} */".replace("\t", "") if self.inner else ""
        inner = inner.replace("/* ", "").replace(" */", "") if inner else ""
        values = ", ".join(f"{n} = {v}" for n, v in (self.enumerators or {}).items())
        order = " /* other byte order */" if self.order else ""
        return ((f":{self.bits}" if self.bits else "") + aligned + order
                + (f" /*{inner} */" if inner else "")
                + (f" /* {values} */" if values else ""))

    def where(self):
        return f"{self.offset // 8}" + (f":{self.offset % 8}" if self.offset % 8 else "")


class Reach:
    """Types by key ("struct mdev_type"), exports by name, and the way from these to those.

    untyped are the exports of which only the name is known, and opaque the types that are declared
    and not defined. A view is blind if a part of the build was not read.
    """

    def __init__(self):
        self.types, self.exports, self.untyped, self.opaque = {}, {}, set(), set()
        self.blind = False
        self._from = None
        # {export: a function like Member.plain}
        self.plains = {}

    def plain(self, name):
        """The declaration of an export as Member.plain() has it."""
        return self.plains[name]() if name in self.plains else (self.exports[name][0], set())

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
        """The exports that lead to a type; the ways back are followed once for all types."""
        if self._from is None or self._from[0] != len(self.types) + len(self.exports):
            back = {}
            for name, (_, keys) in self.exports.items():
                for k in keys:
                    back.setdefault(k, (set(), set()))[0].add(name)
            for user, t in self.types.items():
                for k in t.refers:
                    back.setdefault(k, (set(), set()))[1].add(user)
            self._from = len(self.types) + len(self.exports), back
        seen, found, todo, back = set(), set(), [key], self._from[1]
        while todo:
            k = todo.pop()
            if k not in seen:
                seen.add(k)
                names, users = back.get(k, ((), ()))
                found.update(names)
                todo.extend(users)
        return sorted(found)


class View(Reach):
    """Several dumps of one build as one."""

    def __init__(self, dumps):
        super().__init__()
        for p in map(Dump, dumps):
            self.types.update(p.types)
            self.exports.update(p.exports)
            self.plains.update(p.plains)
            self.untyped |= p.untyped
            self.opaque |= p.opaque
        self.opaque -= set(self.types)
        self._fold_alignments()

    def _fold_alignments(self):
        """Move alignments, which the probe has as enums, to the types that they belong to."""
        for key in [k for k in self.types if k.startswith("enum abi_align_")]:
            kind, name = key.removeprefix("enum abi_align_").split("_", 1)
            value = self.types.pop(key).members[0].offset
            self.exports.pop(f"abi_align_{kind}_{name}", None)
            if f"{kind} {name}" in self.types:
                self.types[f"{kind} {name}"].alignment = value


class Dump(Reach):
    """The content of one file of abidw. exports is {name: (declaration, keys of its types)}."""

    def __init__(self, path):
        super().__init__()
        try:
            self.root = ET.parse(path).getroot()
        except (ET.ParseError, OSError) as e:
            raise CannotRun(f"{path} is not a whole dump of abidw: {e}") from None
        if self.root.tag != "abi-corpus":
            raise CannotRun(f"{path} holds no abi-corpus")
        self.by_id = {}
        for e in self.root.iter():
            if e.get("id") and (e.get("id") not in self.by_id
                                or e.get("is-declaration-only") != "yes"):
                self.by_id[e.get("id")] = e
        for e in self.root.iter():
            if e.tag in (*RECORDS, "enum-decl") and e.get("is-anonymous") != "yes":
                if e.get("is-declaration-only") == "yes":
                    self.opaque.add(self.key_of(e))
                else:
                    self._add_type(e)
            elif e.tag == "typedef-decl":
                self._add_typedef(e)
        self.opaque -= set(self.types)
        self._add_exports()

    def _add_exports(self):
        symbols = {e.get("name") for e in self.root.iter("elf-symbol")}
        for e in self.root.iter():
            name, symbol = e.get("name"), e.get("elf-symbol-id")
            if not symbol or name not in symbols and symbol.split("@")[0] not in symbols:
                continue
            refers = set()
            if e.tag == "function-decl":
                self.exports[name] = (self._function(e, name, refers), refers)
            elif e.tag == "var-decl":
                self.exports[name] = (self.declare(e.get("type-id"), name, refers), refers)
            self.plains[name] = functools.partial(self._plain_export, e, name)
        # an assembler function, or a function that was folded into its twin, is only a symbol
        self.untyped = symbols - set(self.exports)
        for name in self.untyped:
            self.exports[name] = (f"{name} (no type known)", set())

    def _plain_export(self, e, name):
        integers = set()
        if e.tag == "function-decl":
            return self._function(e, name, set(), integers), integers
        return self.declare(e.get("type-id"), name, set(), integers), integers

    def _plain_of(self, type_id, name):
        integers = set()
        return self.declare(type_id, name, set(), integers), integers

    def plain_of(self, type_id, name):
        """What Member.plain() returns for a member, when it is asked."""
        return functools.partial(self._plain_of, type_id, name)

    @staticmethod
    def key_of(e):
        if e.get("naming-typedef-id"):
            return e.get("name")
        kind = {"union-decl": "union", "enum-decl": "enum"}.get(e.tag, "struct")
        return f"{kind} {e.get('name')}"

    def _add_typedef(self, e):
        under = self.by_id.get(e.get("type-id"))
        # abidw declares an unnamed struct under the name of its typedef, and gives two such
        # structs one id when it knows neither
        if under is None or under.get("naming-typedef-id"):
            return
        name, refers = e.get("name"), set()
        text = self.declare(e.get("type-id"), name, refers)
        key = f"typedef {name}"
        member = Member(name, text, 0, plain=self.plain_of(e.get("type-id"), name))
        self.types[key] = Type(key, "typedef", None, [member], refers)

    def _add_type(self, e):
        key, refers, members = self.key_of(e), set(), []
        if e.tag == "enum-decl":
            members = [Member(x.get("name"), x.get("name"), int(x.get("value")))
                       for x in e.findall("enumerator")]
            under = e.find("underlying-type")
            size = self.size_of(under.get("type-id")) if under is not None else None
            self.types[key] = Type(key, "enum", size and size // 8, members, refers)
            return
        self._members(e, 0, members, refers)
        size = int(e.get("size-in-bits") or 0) // 8
        self.types[key] = Type(key, "struct", size, members, refers)

    def _members(self, e, base, members, refers):
        """Append the members in source order, those of an anonymous struct in its place."""
        for m in e.findall("data-member"):
            v = m.find("var-decl")
            name, type_id = v.get("name"), v.get("type-id")
            offset = base + int(m.get("layout-offset-in-bits") or 0)
            under = self.by_id.get(type_id)
            if under is None or under.get("is-anonymous") != "yes" or under.tag not in RECORDS:
                members.append(Member(name, self.declare(type_id, name, refers), offset,
                                      self.size_of(type_id), self._is_callback(type_id),
                                      self.plain_of(type_id, name)))
            elif not name:
                self._members(under, offset, members, refers)
            else:
                inner = []
                self._members(under, offset, inner, refers)
                members += [Member(f"{name}.{i.name}", f"{i.text} [in {name}]", i.offset, i.size,
                                   i.callback, i.plain) for i in inner]

    def _behind(self, type_id, tags):
        """The type behind all types with these tags, or None."""
        e = self.by_id.get(type_id)
        while e is not None and e.tag in tags:
            e = self.by_id.get(e.get("type-id"))
        return e

    def _is_callback(self, type_id):
        e = self._behind(type_id, (*TRANSPARENT, "pointer-type-def"))
        return e is not None and e.tag == "function-type"

    def size_of(self, type_id):
        e = self._behind(type_id, TRANSPARENT)
        bits = "" if e is None else e.get("size-in-bits") or ""
        return int(bits) if bits.isdigit() else None

    def _function(self, e, name, refers, integers=None):
        parameters = ["..." if p.get("is-variadic") == "yes"
                      else self.declare(p.get("type-id"), "", refers, integers)
                      for p in e.findall("parameter")]
        result = e.find("return")
        text = f"{name}({', '.join(parameters) or 'void'})"
        if result is None:
            return "void " + text
        return self.declare(result.get("type-id"), text, refers, integers)

    def declare(self, type_id, name, refers, integers=None):
        """A declaration of name with this type, in C. With a set in integers, typedefs give way to
        the types behind them, and those of integers are added to the set."""
        e = self.by_id.get(type_id)
        if e is None:
            return f"? {name}".rstrip()
        inner = e.get("type-id")
        if e.tag in POINTERS:
            under = self._behind(inner, () if integers is None else ("typedef-decl",))
            bracket = under is not None and under.tag in ("function-type", "array-type-def")
            return self.declare(inner, f"(*{name})" if bracket else f"*{name}", refers, integers)
        if e.tag == "array-type-def":
            return self.declare(inner, name + _dimensions(e), refers, integers)
        if e.tag == "qualified-type-def":
            return self._qualified(e, name, refers, integers)
        if e.tag == "function-type":
            return self._function(e, name, refers, integers)
        key = e.get("name")
        if e.tag == "typedef-decl" and integers is not None:
            under = self._behind(inner, TRANSPARENT)
            if under is not None and under.tag == "type-decl":
                integers.add(key)
            if under is None or under.get("is-anonymous") != "yes":
                return self.declare(inner, name, refers, integers)
        if e.tag == "typedef-decl":
            refers.update((f"typedef {key}", key))
        elif e.tag != "type-decl":
            key = self.key_of(e)
            refers.add(key)
        return f"{key} {name}".rstrip()

    def _qualified(self, e, name, refers, integers):
        words = " ".join(q for q in ("const", "volatile", "restrict") if e.get(q) == "yes")
        under = self._behind(e.get("type-id"), () if integers is None else ("typedef-decl",))
        if under is not None and under.tag == "pointer-type-def":
            return self.declare(e.get("type-id"), f"{words} {name}".strip(), refers, integers)
        return f"{words} {self.declare(e.get('type-id'), name, refers, integers)}"


def _dimensions(array):
    lengths = [r.get("length") for r in array.findall("subrange")]
    return "".join(f"[{'' if n in ('infinite', 'unknown', '0') else n}]" for n in lengths)
