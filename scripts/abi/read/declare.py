# SPDX-License-Identifier: GPL-2.0-only
"""Types and declarations from DWARF as C text, in the form of abi.read.types."""
from abi.read.types import Member, Type

QUALIFIERS = ("const", "volatile", "restrict", "atomic")
TRANSPARENT = ("typedef", *QUALIFIERS)
RECORDS = ("struct", "union")


class Declarations:
    def __init__(self, dwarf):
        self.dwarf = dwarf

    def type_of(self, kind, name):
        """The definition of "struct name", or None."""
        e = self.dwarf.types.get((kind, name))
        return self._type(f"{kind} {name}", kind, e) if e else None

    def _type(self, key, kind, e):
        refers, members = set(), []
        if kind == "typedef":
            members = [Member(e.get("name"), self._declare(e, e.get("name"), refers), 0)]
            return Type(key, kind, None, members, refers)
        if kind == "enum":
            members = [Member(c.get("name"), c.get("name"), c.get("value"))
                       for c in self.dwarf.children(e) if c.tag == "enumerator"]
            return Type(key, kind, None, members, refers)
        self._members(e, 0, members, refers)
        found = Type(key, "struct", e.get("size") or 0, members, refers)
        found.alignment, found.detailed = e.get("alignment"), True
        return found

    def function(self, name, shown=None):
        """The prototype of a function and the keys of its types, or None."""
        e, refers = self.dwarf.functions.get(name), set()
        return (self._function(e, shown or name, refers), refers) if e else None

    def _target(self, e):
        at = self.dwarf.inherited(e, "type")
        return self.dwarf.at(at) if at is not None else None

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
                found = Member(name, text, offset, self._size(target), self._is_callback(target))
                found.bits, found.alignment = m.get("bits"), m.get("alignment")
                members.append(found)
                continue
            inner = []
            self._members(target, offset, inner, refers)
            for i in inner if name else ():
                i.name, i.text = f"{name}.{i.name}", f"{i.text} [in {name}]"
            members += inner

    def _offset(self, member):
        """Bits from the start of the struct; old DWARF counts bit-fields from the other end."""
        if isinstance(member.get("bit-offset"), int):
            return member.get("bit-offset")
        return 8 * (member.get("offset") or 0)

    def _is_callback(self, e):
        e = self._behind(e, (*TRANSPARENT, "pointer"))
        return e is not None and e.tag == "function-type"

    def _function(self, e, name, refers):
        parameters = []
        for c in self.dwarf.children(self._described(e)):
            if c.tag in ("parameter", "variadic"):
                parameters.append(self._declare(c, "", refers) if c.tag == "parameter" else "...")
        return self._declare(e, f"{name}({', '.join(parameters) or 'void'})", refers)

    def _described(self, e):
        """The entry of a function that has its parameters."""
        while e.get("origin"):
            e = self.dwarf.at(e.get("origin"))
        return e

    def _declare(self, entry, name, refers):
        """A declaration of name with the type that an entry has, in C."""
        e = self._target(entry)
        if e is None:
            return f"void {name}".rstrip()
        if e.tag in ("pointer", "reference"):
            under = self._target(e)
            bracket = under is not None and under.tag in ("function-type", "array")
            return self._declare(e, f"(*{name})" if bracket else f"*{name}", refers)
        if e.tag == "array":
            counts = "".join(f"[{n or ''}]" for n in self._counts(e))
            return self._declare(e, name + counts, refers)
        if e.tag in QUALIFIERS:
            under = self._target(e)
            if under is not None and under.tag == "pointer":
                return self._declare(e, f"{e.tag} {name}".rstrip(), refers)
            return f"{e.tag} {self._declare(e, name, refers)}"
        if e.tag == "function-type":
            return self._function(e, name, refers)
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
