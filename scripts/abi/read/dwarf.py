# SPDX-License-Identifier: GPL-2.0-only
"""The DWARF of a module: its entries, and the definitions at the outermost level.

abidw drops what it cannot read without a word. This reader tells which exports have types, and it
reads members that abidw loses: widths of bit-fields, alignment, types that no export reaches.
Versions 4 and 5 of gcc and clang are read; anything else is CannotRun.
"""
import bisect
import struct

from lib.common import CannotRun

TAGS = {0x01: "array", 0x02: "class", 0x04: "enum", 0x0d: "member", 0x05: "parameter",
        0x0f: "pointer", 0x10: "reference", 0x11: "unit", 0x13: "struct", 0x15: "function-type",
        0x16: "typedef", 0x17: "union", 0x18: "variadic", 0x21: "subrange", 0x24: "base",
        0x26: "const", 0x28: "enumerator", 0x2e: "function", 0x34: "variable", 0x35: "volatile",
        0x37: "restrict", 0x3b: "void", 0x47: "atomic", 0x48: "call", 0x49: "call-parameter",
        0x4109: "call", 0x410a: "call-parameter"}
ATTRIBUTES = {0x01: "sibling", 0x02: "location", 0x03: "name", 0x0b: "size", 0x0d: "bits",
              0x11: "address", 0x13: "language", 0x1c: "value", 0x20: "inline", 0x22: "lower",
              0x27: "prototyped", 0x2f: "upper", 0x31: "origin", 0x37: "count", 0x38: "offset",
              0x3c: "declaration", 0x3f: "external", 0x47: "specification", 0x49: "type",
              0x55: "ranges", 0x7d: "call-return", 0x6b: "bit-offset", 0x72: "str-base",
              0x76: "dwo", 0x87: "noreturn", 0x88: "alignment",
              0x2130: "dwo", 0x3e: "encoding", 0x36: "convention", 0x73: "addr-base",
              0x7e: "call-value", 0x7f: "origin", 0x2111: "call-value", 0x65: "endianity",
              0x25: "producer"}
C_LANGUAGES = {0x01: "C89", 0x02: "C", 0x0c: "C99", 0x1d: "C11", 0x2c: "C17", 0x3e: "C23",
               0x8001: "assembler"}
LANGUAGES = {0x04: "C++", 0x1a: "C++11", 0x1c: "Rust", 0x21: "C++14"}
FIXED = {0x01: "Q", 0x05: "H", 0x06: "I", 0x07: "Q", 0x0b: "B", 0x0c: "B", 0x29: "B", 0x2a: "H",
         0x2c: "I", 0x25: "B", 0x26: "H", 0x28: "I", 0x11: "B", 0x12: "H", 0x13: "I", 0x14: "Q",
         0x20: "Q"}
STRX, REFERENCES = (0x1a, 0x25, 0x26, 0x28), (0x11, 0x12, 0x13, 0x14, 0x15)
ADDRX = (0x1b, 0x29, 0x2a, 0x2c)
OP_ADDR, OP_ADDRX = 0x03, 0xa1
# {form: (layout, what its number is)} of forms of one size: a number, an offset of a text in one of
# two sections, an index of a text, a reference in the unit, an address, or nothing at all
PLAIN = {form: (layout, "index" if form in STRX else "reference" if form in REFERENCES else
                "slot" if form in ADDRX else "number") for form, layout in FIXED.items()}
PLAIN.update({0x0e: ("I", "text"), 0x1f: ("I", "line text"), 0x17: ("I", "number"),
              0x10: ("I", "number"), 0x19: ("", "true"), 0x21: ("", "constant")})
NAMED = ("struct", "union", "enum", "typedef", "base")
DEFINED = (*NAMED, "function", "variable")
BLOCKS = {0x03: "H", 0x04: "I", 0x0a: "B"}
# attributes that are an address in code
PLACES = ("address", "call-return")
SUPPLEMENTARY = (0x1c, 0x1d, 0x1f20, 0x1f21, 0x24)


class Entry:
    """One entry: its tag, its attributes by name, and the offset behind it."""

    __slots__ = ("unit", "offset", "tag", "attrs", "end", "parent")

    def __init__(self, unit, offset, tag, attrs, end, parent):
        self.unit, self.offset, self.tag = unit, offset, tag
        self.attrs, self.end, self.parent = attrs, end, parent

    def get(self, name):
        return self.attrs.get(name)


class Unit:
    def __init__(self, offset, end, version, abbrevs, first, kind):
        self.offset, self.end, self.version = offset, end, version
        self.abbrevs, self.first, self.kind = abbrevs, first, kind
        self.str_base = self.addr_base = 8
        self.root = None


class Dwarf:
    """The debug info of one file of elf.Module."""

    def __init__(self, elf):
        self.path, self.order = elf.path, elf.order
        names = elf.section_names
        odd = [n for n in (".debug_types", ".gnu_debugaltlink") if n in names]
        if names.count(".debug_info") > 1 or odd:
            # dwz itself takes no module: it refuses files that are not linked yet
            raise CannotRun(f"{self.path} has debug info in {', '.join(odd) or 'several parts'}, "
                            "which this reader does not read; build it without dwz and without "
                            "-fdebug-types-section")
        # {offset of an address in .debug_info: (section, value)}
        self.info, self.addresses = elf.relocated(".debug_info")
        self.strings, self.line_strings, abbrev = (
            elf.bytes_of(n) or b"" for n in (".debug_str", ".debug_line_str", ".debug_abbrev"))
        self.str_offsets = elf.relocated(".debug_str_offsets")[0]
        self.table = elf.relocated(".debug_addr")[1]
        self._abbrevs, self._placed, self._texts = {}, [], {}
        # definitions by name; enumerators are those of enums without a name
        self.types, self.functions, self.variables, self.enumerators = {}, {}, {}, {}
        # {(section, value): function}, the parts into which a compiler splits one among them, and
        # {name: [function]} of those that one entry describes in several places
        self.bodies, self.scattered = {}, {}
        # functions whose body is that of another one (-fipa-icf): they have a type and no address
        self._folded = {}
        # (tag, place of its name) of the types that are known
        self._known = set()
        try:
            self.units = list(self._units(abbrev))
            self._starts = [u.offset for u in self.units]
            for unit in self.units:
                self._scan(unit)
            self.functions = {**self._folded, **self.functions}
        except (struct.error, IndexError, KeyError, ValueError) as e:
            raise CannotRun(f"the debug info of {self.path} is damaged or of a kind that this "
                            f"reader does not know: {type(e).__name__} {e}") from None

    def _units(self, abbrev):
        pos = 0
        while pos < len(self.info):
            length, version = struct.unpack_from(self.order + "IH", self.info, pos)
            if length == 0xffffffff or version not in (4, 5):
                raise CannotRun(f"{self.path} has debug info of version {version} or of 64 bits; "
                                "this reader knows DWARF 4 and 5 of 32 bits")
            if version == 5:
                kind, _, table = struct.unpack_from(self.order + "BBI", self.info, pos + 6)
                first = pos + (12 if kind in (1, 3) else 20)
            else:
                kind, first = 1, pos + 11
                table, = struct.unpack_from(self.order + "I", self.info, pos + 6)
            unit = Unit(pos, pos + 4 + length, version, self._table(abbrev, table), first, kind)
            unit.root = self._entry(unit, first)
            unit.str_base = unit.root.get("str-base") or 8
            unit.addr_base = unit.root.get("addr-base") or 8
            yield unit
            pos = unit.end

    def _table(self, data, pos):
        """{code: (tag, has children?, [(attribute, form, constant)], plan)}"""
        if pos not in self._abbrevs:
            table = self._abbrevs[pos] = {}
            for code, (tag, parent, numbers) in abbreviations(data, pos).items():
                forms = [(ATTRIBUTES.get(a), form, constant) for a, form, constant in numbers]
                table[code] = TAGS.get(tag), parent, forms, self._plan(forms)
        return self._abbrevs[pos]

    def _plan(self, forms):
        """How to read an entry whose forms all have one size: (layout, [(name, what)] of the
        numbers in it, {name: value} of the others), or None."""
        layout, numbers, known = self.order, [], {}
        for name, form, constant in forms:
            if form not in PLAIN or name in PLACES and form == 0x01:
                return None
            code, what = PLAIN[form]
            if not code:
                known[name] = True if what == "true" else constant
            elif not name:
                layout += f"{struct.calcsize(code)}x"
            elif what == "slot":
                return None
            else:
                layout += code
                numbers.append((name, what))
        known.pop(None, None)
        return struct.Struct(layout), numbers, known

    def _entry(self, unit, offset):
        """The entry at an offset; None at the end of a list."""
        code, pos = uleb(self.info, offset)
        if not code:
            return None
        tag, parent, forms, plan = unit.abbrevs[code]
        if plan:
            layout, numbers, known = plan
            attrs = dict(known)
            for (name, what), value in zip(numbers, layout.unpack_from(self.info, pos)):
                if what == "number":
                    attrs[name] = value
                elif what == "reference":
                    attrs[name] = value + unit.offset
                else:
                    attrs[name] = (self._text(value, what) if what != "index"
                                   else self._indexed(unit, value))
            return Entry(unit, offset, tag, attrs, pos + layout.size, parent)
        attrs = {}
        for name, form, constant in forms:
            if name in PLACES and form == 0x01:
                attrs[name], pos = self.addresses.get(pos), pos + 8
                continue
            value, pos = self._value(unit, form, constant, pos)
            if name in PLACES and form in ADDRX:
                value = self.table.get(unit.addr_base + 8 * value)
            if name:
                attrs[name] = value
        return Entry(unit, offset, tag, attrs, pos, parent)

    def _value(self, unit, form, constant, pos):
        if form in FIXED:
            layout = FIXED[form]
            value, = struct.unpack_from(self.order + layout, self.info, pos)
            pos += struct.calcsize(layout)
            if form in REFERENCES:
                value += unit.offset
            return (self._indexed(unit, value) if form in STRX else value), pos
        if form in (0x0e, 0x1f, 0x17, 0x10):        # strp, line_strp, sec_offset, ref_addr
            value, = struct.unpack_from(self.order + "I", self.info, pos)
            what = {0x0e: "text", 0x1f: "line text"}.get(form)
            return (self._text(value, what) if what else value), pos + 4
        if form in (0x0f, 0x15, 0x1a, 0x1b, 0x22, 0x23):
            value, pos = uleb(self.info, pos)
            if form == 0x1a:
                value = self._indexed(unit, value)
            return (value + unit.offset if form == 0x15 else value), pos
        if form == 0x0d:
            return sleb(self.info, pos)
        if form in (0x19, 0x21):                    # flag_present, implicit_const
            return (True if form == 0x19 else constant), pos
        if form == 0x08:
            end = self.info.index(b"\0", pos)
            return self.info[pos:end].decode(errors="replace"), end + 1
        if form in BLOCKS or form in (0x09, 0x18):
            return self._block(form, pos)
        if form == 0x1e:
            return bytes(self.info[pos:pos + 16]), pos + 16
        if form in SUPPLEMENTARY:
            raise CannotRun(f"{self.path} refers to a supplementary file of dwz")
        raise KeyError(f"form {form:#x}")

    def _block(self, form, pos):
        if form in BLOCKS:
            length, = struct.unpack_from(self.order + BLOCKS[form], self.info, pos)
            pos += struct.calcsize(BLOCKS[form])
        else:
            length, pos = uleb(self.info, pos)
        return (pos, length), pos + length

    def _indexed(self, unit, index):
        at, = struct.unpack_from(self.order + "I", self.str_offsets, unit.str_base + 4 * index)
        return self._text(at, "text")

    def _text(self, offset, what):
        """A text of .debug_str or .debug_line_str."""
        if (offset, what) not in self._texts:
            table = self.strings if what == "text" else self.line_strings
            end = table.index(b"\0", offset)
            self._texts[offset, what] = table[offset:end].decode(errors="replace")
        return self._texts[offset, what]

    def at(self, offset):
        """The entry at an offset of .debug_info."""
        return self._entry(self.units[bisect.bisect(self._starts, offset) - 1], offset)

    def children(self, entry):
        if not entry.parent:
            return
        pos = entry.end
        while (child := self._entry(entry.unit, pos)) is not None:
            yield child
            pos = self._behind(child)

    def _behind(self, entry):
        """The offset behind an entry and its children."""
        if not entry.parent:
            return entry.end
        if entry.get("sibling"):
            return entry.get("sibling")
        pos = entry.end
        while (child := self._entry(entry.unit, pos)) is not None:
            pos = self._behind(child)
        return pos + 1

    def _scan(self, unit):
        """Note the definitions at the outermost level of a unit."""
        for e in self._outermost(unit):
            if e.tag in NAMED and e.get("name"):
                self.types.setdefault((e.tag, e.get("name")), e)
            elif e.tag == "enum":
                self.enumerators.update((c.get("name"), c.get("value")) for c in self.children(e)
                                        if c.tag == "enumerator")
            elif e.tag in ("function", "variable"):
                defined = ("address", "ranges", "inline") if e.tag == "function" else ("location",)
                name = self.inherited(e, "name")
                if e.tag == "function" and e.get("address"):
                    self.bodies.setdefault(e.get("address"), e)
                elif e.tag == "function" and "ranges" in e.attrs:
                    self.scattered.setdefault(name, []).append(e)
                if e.tag == "variable" and isinstance(e.get("location"), tuple):
                    self._placed.append(e)
                if name and any(a in e.attrs for a in defined):
                    table = self.functions if e.tag == "function" else self.variables
                    table.setdefault(name, e)
                elif name and e.tag == "function" and e.get("external"):
                    self._folded.setdefault(name, e)

    def _outermost(self, unit):
        """The definitions at the outermost level; of those of one name in another unit, the first
        one is enough. The others are skipped without reading them, which is most of the work."""
        pos, info, number = unit.root.end, self.info, struct.Struct(self.order + "I").unpack_from
        abbrevs, known = unit.abbrevs, self._known
        skips = {}
        while unit.root.parent:
            code = info[pos]
            if code > 127:
                code, _ = uleb(info, pos)
            if not code:
                return
            if code not in skips:
                skips[code] = _skip(abbrevs[code], self.order)
            behind, sibling, name, defines = skips[code]
            pos2 = pos + (1 if code < 128 else 2 if code < 1 << 14 else 3)
            if defines or behind is None:
                if name is None or (defines, number(info, pos2 + name)[0]) not in known:
                    e = self._entry(unit, pos)
                    if defines and not e.get("declaration"):
                        yield e
                        if name is not None:
                            known.add((defines, number(info, pos2 + name)[0]))
                    pos = self._behind(e)
                    continue
            if sibling is not None:
                pos = number(info, pos2 + sibling)[0] + unit.offset
            elif abbrevs[code][1] or behind is None:
                pos = self._behind(self._entry(unit, pos))
            else:
                pos = pos2 + behind

    def inherited(self, entry, name):
        """An attribute of an entry, or of the entry that it completes."""
        while entry is not None and entry.get(name) is None:
            before = entry.get("specification") or entry.get("origin")
            entry = self.at(before) if before else None
        return entry.get(name) if entry is not None else None

    def placed(self, struct_name):
        """[(section, value)] of the variables of a struct type, or const of it."""
        for e in self._placed:
            at = self.inherited(e, "type")
            kind = self.at(at) if at is not None else None
            while kind is not None and kind.tag in ("const", "typedef") and kind.get("type"):
                kind = self.at(kind.get("type"))
            place = self.place_of(e)
            if place and kind is not None and kind.get("name") == struct_name:
                yield place

    def place_of(self, variable):
        """The (section, value) of a variable, or None."""
        pos, length = variable.get("location")
        if length and self.info[pos] == OP_ADDR:
            return self.addresses.get(pos + 1)
        if length and self.info[pos] == OP_ADDRX:
            return self.table.get(variable.unit.addr_base + 8 * uleb(self.info, pos + 1)[0])
        return None

    def placed_variables(self):
        """[(variable, (section, value))]"""
        found = ((e, self.place_of(e)) for e in self._placed)
        return [(e, place) for e, place in found if place]

    def record_behind(self, entry):
        """The type of a variable or member without qualifiers, typedefs and array, and how many of
        them there are."""
        at, count = self.inherited(entry, "type"), 1
        while at is not None:
            kind = self.at(at)
            if kind.tag == "array":
                for c in self.children(kind):
                    upper = c.get("upper")
                    count *= c.get("count") or (upper + 1 if isinstance(upper, int) else 0)
            elif kind.tag not in ("const", "volatile", "typedef"):
                return kind, count
            at = kind.get("type")
        return None, 0

    def calls(self, name):
        """The names of the functions that a function calls by name."""
        found, todo = set(), [self.functions[name]] if name in self.functions else []
        while todo:
            for c in self.children(todo.pop()):
                if c.tag == "call" and isinstance(c.get("origin"), int):
                    found.add(self.inherited(c, "name"))
                todo.append(c)
        return found

    def expression(self, entry, name):
        """The bytes of an expression, or of the first one in a list of them; b"" without one."""
        value = entry.get(name)
        if isinstance(value, tuple):
            return bytes(self.info[value[0]:value[0] + value[1]])
        return b""

    def unread(self):
        """Sentences about the parts of the debug info that are not in this file, or not in C."""
        found = []
        split = sorted({u.root.get("dwo") for u in self.units
                        if u.root.get("dwo") or u.kind in (4, 5)} - {None})
        if split:
            found.append(f"the types are in split debug info ({', '.join(split[:3])}); build "
                         "without CONFIG_DEBUG_INFO_SPLIT and -gsplit-dwarf")
        odd = sorted({u.root.get("language") for u in self.units} - set(C_LANGUAGES) - {None})
        if odd:
            names = ", ".join(LANGUAGES.get(n, f"language {n:#x}") for n in odd)
            found.append(f"a part is written in {names}; types are compared in C only")
        return found

    def is_typed(self, name):
        """Whether an export has a definition with types; None without a definition."""
        e = self.functions.get(name)
        if e is not None:
            return bool(self.inherited(e, "prototyped") or self.inherited(e, "type")
                        or any(c.tag == "parameter" for c in self.children(e)))
        e = self.variables.get(name)
        return bool(self.inherited(e, "type")) if e is not None else None


def _skip(abbrev, order):
    """How to pass an entry: (its bytes if they are fixed, place of the sibling's offset if any,
    place of the offset of the name that makes it one of many, its tag if it may be of use)."""
    tag, _, forms, plan = abbrev
    at, sibling, name = 0, None, None
    names = {n for n, _, _ in forms}
    for n, form, _ in forms:
        if form not in PLAIN:
            break
        if n == "sibling" and form == 0x13:
            sibling = at
        if n == "name" and form == 0x0e and tag in NAMED:
            name = at
        at += struct.calcsize(order + PLAIN[form][0])
    useful = tag in DEFINED and "declaration" not in names
    return plan[0].size if plan else None, sibling, name, tag if useful else None


def abbreviations(data, pos):
    """The table at an offset of .debug_abbrev: {code: (tag, has children?, [(attribute, form,
    constant)])}"""
    table = {}
    while True:
        code, pos = uleb(data, pos)
        if not code:
            return table
        tag, pos = uleb(data, pos)
        parent, pos, forms = data[pos], pos + 1, []
        while True:
            attribute, pos = uleb(data, pos)
            form, pos = uleb(data, pos)
            constant = None
            if form == 0x21:
                constant, pos = sleb(data, pos)
            if not attribute and not form:
                break
            forms.append((attribute, form, constant))
        table[code] = tag, bool(parent), forms


def uleb(data, pos):
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, pos
        shift += 7


def sleb(data, pos):
    start = pos
    value, pos = uleb(data, pos)
    bits = 7 * (pos - start)
    return (value - (1 << bits) if value >> (bits - 1) else value), pos

