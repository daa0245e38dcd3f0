# SPDX-License-Identifier: GPL-2.0-only
"""Types and declarations from DWARF as C text, in the form of abi.read.types."""
from abi.read.types import Member, Type

QUALIFIERS = ("const", "volatile", "restrict", "atomic")
TRANSPARENT = ("typedef", *QUALIFIERS)
RECORDS = ("struct", "union")


class Declarations:
    def __init__(self, dwarf):
        self.dwarf = dwarf

    def type_of(self, key):
        """The definition of "struct name", or of "name", a typedef of a type without a name; or
        None."""
        kind, _, name = key.rpartition(" ")
        e = self.dwarf.types.get((kind or "typedef", name))
        if e and not kind:
            e = self._target(e)
        return self._type(key, kind or e.tag, e) if e else None

    def _type(self, key, kind, e):
        refers, members = set(), []
        if kind == "typedef":
            name = e.get("name")
            members = [Member(name, self._declare(e, name, refers), 0, plain=self._plain(e, name))]
            found = Type(key, kind, None, members, refers)
            found.alignment, found.detailed = e.get("alignment"), True
            return found
        if kind == "enum":
            members = [Member(n, n, value) for n, value in self._enumerators(e)]
            return Type(key, kind, e.get("size"), members, refers)
        self._members(e, 0, members, refers)
        found = Type(key, "struct", e.get("size") or 0, members, refers)
        found.alignment, found.detailed = e.get("alignment"), True
        return found

    def _enumerators(self, e):
        return [(c.get("name"), c.get("value")) for c in self.dwarf.children(e)
                if c.tag == "enumerator"]

    def function(self, name, shown=None):
        """The prototype of a function and the keys of its types, or None."""
        e, refers = self.dwarf.functions.get(name), set()
        return (self._function(e, shown or name, refers), refers) if e else None

    def variable(self, name):
        """The declaration of a variable and the keys of its types, or None."""
        e, refers = self.dwarf.variables.get(name), set()
        return (self._declare(e, name, refers), refers) if e else None

    def plain_function(self, name, shown):
        """The prototype as Member.plain() has it."""
        integers = set()
        return self._function(self.dwarf.functions[name], shown, set(), integers), integers

    def _plain(self, entry, name):
        """What Member.plain() returns, when it is asked."""
        def declare():
            integers = set()
            return self._declare(entry, name, set(), integers), integers
        return declare

    def _target(self, e):
        at = self.dwarf.inherited(e, "type")
        return self.dwarf.at(at) if at is not None else None

    def _is_function(self, e):
        e = self._behind(e, QUALIFIERS)
        return e is not None and e.tag == "function-type"

    def _behind(self, e, tags):
        while e is not None and e.tag in tags:
            e = self._target(e)
        return e

    def _size(self, e):
        e = self._behind(e, TRANSPARENT)
        if e is None:
            return None
        if e.tag == "array":
            one, counts = self._size(self._target(e)), self._counts(e)
            for n in counts:
                one = one * n if one is not None and n else None
            return one
        if e.tag == "pointer":
            return 64
        return 8 * e.get("size") if e.get("size") is not None else None

    def _counts(self, array):
        for c in self.dwarf.children(array):
            if c.tag == "subrange":
                upper = c.get("upper")
                yield c.get("count") or (upper + 1 if isinstance(upper, int) else None)

    def _members(self, e, base, members, refers):
        """Append the members in source order, those of an anonymous struct in its place."""
        for m in self.dwarf.children(e):
            if m.tag != "member":
                continue
            name, target = m.get("name") or "", self._target(m)
            offset = base + self._offset(m)
            if target.tag not in RECORDS or target.get("name"):
                text = self._declare(m, name, refers)
                found = Member(name, text, offset, self._size(target), self._is_callback(target),
                               self._plain(m, name))
                self._details(found, m, target)
                members.append(found)
                continue
            inner = []
            self._members(target, offset, inner, refers)
            for i in inner if name else ():
                i.name, i.text = f"{name}.{i.name}", f"{i.text} [in {name}]"
            members += inner

    def _details(self, found, m, target):
        """Note what a dump of abidw lacks."""
        found.bits, found.alignment = m.get("bits"), m.get("alignment")
        code = self._behind(target, (*TRANSPARENT, "pointer"))
        found.convention = code.get("convention") if code is not None else None
        number = self._behind(target, ("array", *TRANSPARENT))
        found.order = number.get("endianity") if number is not None else None
        inner = self._behind(target, ("array", "pointer", *QUALIFIERS))
        if inner is not None and not inner.get("name"):
            if inner.tag == "enum":
                found.enumerators = dict(self._enumerators(inner))
            elif inner.tag in RECORDS:
                found.inner = self._type("", inner.tag, inner)

    def _offset(self, member):
        """Bits from the start of the struct; old DWARF counts bit-fields from the other end."""
        if isinstance(member.get("bit-offset"), int):
            return member.get("bit-offset")
        return 8 * (member.get("offset") or 0)

    def _is_callback(self, e):
        e = self._behind(e, (*TRANSPARENT, "pointer"))
        return e is not None and e.tag == "function-type"

    def _function(self, e, name, refers, integers=None):
        parameters = []
        for c in self.dwarf.children(self._described(e)):
            if c.tag in ("parameter", "variadic"):
                parameters.append(self._declare(c, "", refers, integers)
                                  if c.tag == "parameter" else "...")
        return self._declare(e, f"{name}({', '.join(parameters) or 'void'})", refers, integers)

    def _described(self, e):
        """The entry of a function that has its parameters."""
        while e.get("origin"):
            e = self.dwarf.at(e.get("origin"))
        return e

    def _declare(self, entry, name, refers, integers=None):
        """A declaration of name with the type that an entry has, in C; integers is that of
        Dump.declare()."""
        e = self._target(entry)
        if e is None:
            return f"void {name}".rstrip()
        if e.tag in ("pointer", "reference"):
            under = self._behind(self._target(e), () if integers is None else ("typedef",))
            bracket = under is not None and (under.tag in ("function-type", "array")
                                             or self._is_function(under))
            return self._declare(e, f"(*{name})" if bracket else f"*{name}", refers, integers)
        if e.tag == "array":
            counts = "".join(f"[{n or ''}]" for n in self._counts(e))
            return self._declare(e, name + counts, refers, integers)
        if e.tag in QUALIFIERS:
            under = self._behind(self._target(e), () if integers is None else ("typedef",))
            if under is not None and under.tag == "pointer":
                return self._declare(e, f"{e.tag} {name}".rstrip(), refers, integers)
            if self._is_function(under):
                # gcc's form of the attributes const and noreturn
                return self._declare(e, name, refers, integers)
            return f"{e.tag} {self._declare(e, name, refers, integers)}"
        if e.tag == "function-type":
            return self._function(e, name, refers, integers)
        if e.tag == "typedef" and integers is not None:
            under = self._behind(e, TRANSPARENT)
            if under is not None and under.tag == "base":
                integers.add(e.get("name"))
            if under is None or under.tag not in RECORDS or under.get("name"):
                return self._declare(e, name, refers, integers)
        key = e.get("name") or "(anonymous)"
        if e.tag == "base":
            key = _base(key)
        elif e.tag == "typedef":
            refers.update((f"typedef {key}", key))
        else:
            key = f"{e.tag} {key}"
            refers.add(key)
        return f"{key} {name}".rstrip()


def _base(name):
    """The name of a base type in abidw's order: unsigned long int, not long unsigned int."""
    words = [{"_Bool": "bool"}.get(w, w) for w in name.split()]
    return " ".join(sorted(words, key=lambda w: w not in ("unsigned", "signed")))
