# SPDX-License-Identifier: GPL-2.0-only
"""The types of a kernel from BTF, in the form of abi.read.dwarf.

A kernel's BTF is a hundredth of its DWARF, and has the prototype of every function. It has no
alignments, no calling convention, and of the variables only the per-CPU ones.
"""
import struct

from lib.common import CannotRun

MAGIC = 0xeb9f
(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, PROTO, VAR,
 DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(1, 20)
# {kind: (bytes behind an entry, bytes of each of its items)}
BEHIND = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8),
          PROTO: (0, 8), VAR: (4, 0), DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12)}
TAGS = {INT: "base", FLOAT: "base", PTR: "pointer", ARRAY: "array", STRUCT: "struct",
        UNION: "union", ENUM: "enum", ENUM64: "enum", TYPEDEF: "typedef", VOLATILE: "volatile",
        CONST: "const", RESTRICT: "restrict", FUNC: "function", PROTO: "function-type",
        VAR: "variable"}


class Entry:
    """An entry as abi.read.dwarf.Entry: offset is its number."""

    __slots__ = ("offset", "tag", "attrs", "kids")

    def __init__(self, offset, tag, attrs, kids=()):
        self.offset, self.tag, self.attrs, self.kids = offset, tag, attrs, kids

    def get(self, name):
        return self.attrs.get(name)


class Btf:
    """data is the content of a section .BTF of the file path."""

    def __init__(self, data, order, path):
        self.order, self.path = order, path
        try:
            magic, _, _, length, types, size, strings, bytes_ = struct.unpack_from(
                order + "HBBIIIII", data)
            if magic != MAGIC:
                raise ValueError("it does not begin with BTF's number")
            self.data = data[length + types:length + types + size]
            self.strings = data[length + strings:length + strings + bytes_]
            if len(self.data) != size or len(self.strings) != bytes_:
                raise ValueError("it ends early")
            self._scan()
        except (struct.error, IndexError, ValueError) as e:
            raise CannotRun(f"the BTF of {path} is damaged: {e}") from None

    def _scan(self):
        # entry n is at _places[n]; 0 is void
        self._places, self._entries = [0], {}
        self.types, self.functions, self.variables = {}, {}, {}
        pos, data, unpack = 0, self.data, struct.Struct(self.order + "III").unpack_from
        by_kind = {STRUCT: "struct", UNION: "union", ENUM: "enum", ENUM64: "enum",
                   TYPEDEF: "typedef"}
        while pos < len(data):
            name, info, _ = unpack(data, pos)
            kind, number = info >> 24 & 31, len(self._places)
            if kind not in range(1, 20):
                raise ValueError(f"kind {kind} is not known")
            self._places.append(pos)
            fixed, each = BEHIND.get(kind, (0, 0))
            pos += 12 + fixed + each * (info & 0xffff)
            if name and kind in by_kind:
                self.types.setdefault((by_kind[kind], self._string(name)), number)
            elif kind in (FUNC, VAR):
                table = self.functions if kind == FUNC else self.variables
                table.setdefault(self._string(name), number)
        # numbers give way to entries when they are asked for
        self.types = _Lazy(self, self.types)
        self.functions = _Lazy(self, self.functions)
        self.variables = _Lazy(self, self.variables)

    def _string(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode(errors="replace")

    def at(self, number):
        """The entry of a number."""
        if number not in self._entries:
            self._entries[number] = self._entry(number)
        return self._entries[number]

    def _entry(self, number):
        pos = self._places[number]
        name, info, size = struct.unpack_from(self.order + "III", self.data, pos)
        kind, count, flag = info >> 24 & 31, info & 0xffff, info >> 31
        name = self._string(name) or None
        if kind == TYPE_TAG:
            return self.at(size)
        if kind == FWD:
            return Entry(number, "union" if flag else "struct", {"name": name, "declaration": True})
        attrs, items = {"name": name}, self._items(kind, pos + 12, count)
        if kind in (INT, FLOAT, STRUCT, UNION, ENUM, ENUM64):
            attrs["size"] = size
        elif size:
            attrs["type"] = size
        kids = ()
        if kind in (STRUCT, UNION):
            kids = [self._member(item, flag) for item in items]
        elif kind in (ENUM, ENUM64):
            kids = [self._enumerator(item, flag) for item in items]
        elif kind == ARRAY:
            attrs["type"], _, length = struct.unpack_from(self.order + "III", self.data, pos + 12)
            kids = [Entry(0, "subrange", {"count": length})]
        elif kind == PROTO:
            kids = [self._parameter(item) for item in items]
        elif kind == FUNC:
            proto = self.at(size)
            attrs["type"], kids = proto.get("type"), proto.kids
        return Entry(number, TAGS.get(kind), attrs, kids)

    def _items(self, kind, pos, count):
        width = BEHIND.get(kind, (0, 0))[1]
        layout = self.order + ("III" if width == 12 else "II")
        return [struct.unpack_from(layout, self.data, pos + width * i)
                for i in range(count if width else 0)]

    def _member(self, item, packed):
        name, kind, offset = item
        attrs = {"name": self._string(name) or None, "type": kind, "bit-offset": offset}
        if packed:
            # the width of a bit-field shares the word with its place
            attrs["bit-offset"], attrs["bits"] = offset & 0xffffff, offset >> 24 or None
        return Entry(0, "member", attrs)

    def _enumerator(self, item, signed):
        name, value, *high = item
        bits = 64 if high else 32
        value |= high[0] << 32 if high else 0
        # a 32-bit enum is signed unless its values say otherwise, as compilers take it
        if (signed or not high) and value >> (bits - 1):
            value -= 1 << bits
        return Entry(0, "enumerator", {"name": self._string(name), "value": value})

    def _parameter(self, item):
        name, kind = item
        if not name and not kind:
            return Entry(0, "variadic", {})
        return Entry(0, "parameter", {"name": self._string(name) or None, "type": kind or None})

    def children(self, entry):
        return entry.kids

    def inherited(self, entry, name):
        return entry.get(name)


class _Lazy:
    """A table of entries, made when they are asked for."""

    def __init__(self, btf, numbers):
        self.btf, self.numbers = btf, numbers

    def get(self, key, default=None):
        return self.btf.at(self.numbers[key]) if key in self.numbers else default

    def __getitem__(self, key):
        return self.btf.at(self.numbers[key])

    def __contains__(self, key):
        return key in self.numbers

    def __iter__(self):
        return iter(self.numbers)
