# SPDX-License-Identifier: GPL-2.0-only
"""Split debug info: a copy of a module into which the units of its .dwo files are put back.

With CONFIG_DEBUG_INFO_SPLIT the types are in a .dwo file beside each object, and the module has
addresses alone (DWARF 5, appendix F; DWARF 4 with GNU's forms). The copy has one whole unit for
each, which every other reader reads. Of a list of places or of addresses it has the first entry.
"""
import os
import struct

import abi.read.elf
from abi.read.calls import first_of_list
from abi.read.dwarf import abbreviations, sleb, uleb
from lib.common import CannotRun

BYTES = {"<": "little", ">": "big"}
SKELETON, SPLIT = 4, 5
AT_STMT_LIST, AT_RANGES, AT_DWO_NAME, AT_COMP_DIR = 0x10, 0x55, 0x76, 0x1b
AT_STR_OFFSETS_BASE, AT_ADDR_BASE = 0x72, 0x73
AT_GNU_DWO_NAME, AT_GNU_DWO_ID, AT_GNU_RANGES_BASE, AT_GNU_ADDR_BASE = range(0x2130, 0x2134)
# attributes that are the place of a table which the copy lacks, or that make a unit a split one
DROPPED = (0x43, 0x79, 0x2119, 0x2137, AT_DWO_NAME, AT_GNU_DWO_NAME, AT_GNU_DWO_ID)
ADDR, STRP, REF4, EXPRLOC, SEC_OFFSET, STRING, LINE_STRP = (
    0x01, 0x0e, 0x13, 0x18, 0x17, 0x08, 0x1f)
STRX = {0x1a: None, 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4, 0x1f02: None}
ADDRX = {0x1b: None, 0x29: 1, 0x2a: 2, 0x2b: 3, 0x2c: 4, 0x1f01: None}
REFERENCES = {0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8, 0x15: None}
SIZES = {0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x17: 4, 0x19: 0, 0x1e: 16, 0x21: 0}
BLOCKS = {0x0a: 1, 0x03: 2, 0x04: 4, 0x09: None, 0x18: None}
LISTS = {0x22: None, 0x23: None}
OP_ADDR, OP_ADDRX, OP_GNU_ADDR_INDEX = 0x03, 0xa1, 0xfb


class Dwo(abi.read.elf.Module):
    """The file of one unit."""

    def _is_one(self):
        if ".debug_info.dwo" not in self.section_names:
            raise CannotRun(f"{self.path} has no .debug_info.dwo")
        if (self.section_names.count(".debug_info.dwo") > 1
                or any(n.startswith(".debug_types") for n in self.section_names)):
            raise CannotRun(f"{self.path} has types in units of their own; build it without "
                            "-fdebug-types-section")


def joined(path, work):
    """The path of a module without split debug info: @path itself, or a copy below @work."""
    elf = abi.read.elf.Module(path)
    if not any(b".dwo\0" in (elf.bytes_of(n) or b"") for n in (".debug_str", ".debug_line_str")):
        return path
    parts = Joined(elf)
    if not parts.skeletons:
        return path
    copy = os.path.join(work, "joined", os.path.basename(path))
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    data = parts.file()
    with open(f"{copy}.{os.getpid()}", "wb") as f:
        f.write(data)
    os.rename(f"{copy}.{os.getpid()}", copy)
    return copy


class Joined:
    """The debug info of a module and of the .dwo files of its skeleton units."""

    def __init__(self, elf):
        self.elf, self.order = elf, elf.order
        self.tables = {".debug_abbrev": bytearray(elf.bytes_of(".debug_abbrev") or b""),
                       ".debug_str": bytearray(elf.bytes_of(".debug_str") or b""),
                       ".debug_line": bytearray(elf.bytes_of(".debug_line") or b"")}
        self.info, self.relocations = bytearray(), []
        self.skeletons, self.kept = [], []
        try:
            self._find()
        except (struct.error, IndexError, KeyError, ValueError) as e:
            raise CannotRun(f"the debug info of {elf.path} is damaged or of a kind that the gate "
                            f"does not know: {type(e).__name__} {e}") from None

    def _find(self):
        if ".debug_info" not in self.elf.section_names:
            return
        data, _ = self.elf.relocated(".debug_info")
        abbrevs = self.elf.bytes_of(".debug_abbrev") or b""
        pos = 0
        while pos < len(data):
            length, version = struct.unpack_from(self.order + "IH", data, pos)
            if length == 0xffffffff or version not in (4, 5):
                # the reader of DWARF tells about this one
                self.skeletons = []
                return
            unit = Unit(self.order, data, pos, abbrevs)
            root = dict(unit.values_of(unit.first)[1])
            if AT_DWO_NAME in root or AT_GNU_DWO_NAME in root:
                self.skeletons.append((unit, root))
            else:
                self.kept.append(unit)
            pos = unit.end

    def file(self):
        """The content of the copy."""
        raw = self.elf.bytes_of(".debug_info")
        relocations = self.addresses(".debug_info")
        for unit in self.kept:
            if any(form == 0x10 for _, _, forms in unit.abbrevs.values() for _, form, _ in forms):
                raise CannotRun(f"{self.elf.path} has split debug info beside units that refer to "
                                "each other, which the gate does not read; build it without "
                                "CONFIG_DEBUG_INFO_SPLIT")
            start = len(self.info)
            self.info += raw[unit.offset:unit.end]
            self.relocations += [(where - unit.offset + start, info, addend)
                                 for where, (info, addend) in relocations.items()
                                 if unit.offset <= where < unit.end]
        for unit, root in self.skeletons:
            dwo = self._open(unit, root)
            try:
                _Rewrite(self, dwo, root).run()
            except (struct.error, IndexError, KeyError, ValueError) as e:
                raise CannotRun(f"{dwo.path} is damaged or has a form that the gate does not know: "
                                f"{type(e).__name__} {e}") from None
        return self._linked()

    def text(self, root, attribute):
        """A text of a skeleton unit, "" if it has none."""
        form, at = root.get(attribute, (STRING, b"\0"))
        if form == STRING:
            return at[:-1].decode(errors="replace")
        if form in STRX:
            offsets, _ = self.elf.relocated(".debug_str_offsets")
            base = root.get(AT_STR_OFFSETS_BASE, (0, 8))[1]
            at, = struct.unpack_from(self.order + "I", offsets, base + 4 * at)
        table = self.elf.bytes_of(".debug_line_str" if form == LINE_STRP else ".debug_str")
        return bytes(table[at:table.index(b"\0", at)]).decode(errors="replace")

    def _open(self, unit, root):
        """The .dwo file of a skeleton, where the compiler put it or beside the module."""
        name = self.text(root, AT_DWO_NAME) or self.text(root, AT_GNU_DWO_NAME)
        folder = self.text(root, AT_COMP_DIR)
        here = os.path.dirname(self.elf.path)
        places = [os.path.join(folder, name), os.path.join(here, name),
                  os.path.join(here, os.path.basename(name))]
        number = unit.id if unit.version == 5 else root[AT_GNU_DWO_ID][1]
        other = None
        for path in places:
            if not os.path.isfile(path):
                continue
            dwo = Dwo(path)
            if self._id_of(dwo) == number:
                return dwo
            other = path
        if other:
            raise CannotRun(f"{other} is of another build than {self.elf.path}: the numbers of "
                            "their units differ; build the module again, or put its .dwo files "
                            "beside it")
        raise CannotRun(f"{self.elf.path} has its types in split debug info, and {name} is neither "
                        f"in {folder or 'the folder of the build'} nor beside the module; put its "
                        ".dwo files there, or build without CONFIG_DEBUG_INFO_SPLIT")

    def _id_of(self, dwo):
        """The number of the compilation in a .dwo file, None if it has none at the start."""
        for unit in units(dwo):
            if unit.version == 5 and unit.kind == SPLIT:
                return unit.id
            if unit.version == 4:
                return dict(unit.values_of(unit.first)[1]).get(AT_GNU_DWO_ID, (0, 0))[1]
        return None

    def addresses(self, name):
        """{offset in a section: (symbol and type, addend)}"""
        elf, found = self.elf, {}
        index = elf.section_names.index(name) if name in elf.section_names else None
        for s in elf.sections:
            if s[1] == abi.read.elf.SHT_RELA and s[7] == index:
                for where, info, addend in struct.iter_unpack(self.order + "QQq",
                                                              elf.data[s[4]:s[4] + s[5]]):
                    found[where] = info, addend
        return found

    def _linked(self):
        """The module with its new sections, behind everything else."""
        data, elf = bytearray(self.elf.data), self.elf
        shoff, = struct.unpack_from(self.order + "Q", data, 40)
        content = {**self.tables, ".debug_info": self.info}
        index = elf.section_names.index(".debug_info")
        for n, (name, s) in enumerate(zip(elf.section_names, elf.sections)):
            new = content.get(name)
            if s[1] == abi.read.elf.SHT_RELA and s[7] == index:
                new = b"".join(struct.pack(self.order + "QQq", *r)
                               for r in sorted(self.relocations))
            if new is None:
                continue
            data += b"\0" * (-len(data) % 16)
            header = shoff + n * 64
            flags = s[2] & ~abi.read.elf.SHF_COMPRESSED
            struct.pack_into(self.order + "Q", data, header + 8, flags)
            struct.pack_into(self.order + "QQ", data, header + 24, len(data), len(new))
            data += new
        lost = set(content) - set(elf.section_names)
        if lost:
            raise CannotRun(f"{elf.path} has split debug info and no {', '.join(sorted(lost))}")
        return data


class Unit:
    """One unit: where its entries begin, and its abbreviations."""

    def __init__(self, order, data, offset, abbrevs):
        self.order, self.data, self.offset = order, data, offset
        length, self.version = struct.unpack_from(order + "IH", data, offset)
        self.end, self.id, self.kind = offset + 4 + length, None, 1
        if self.version == 5:
            self.kind, _, table = struct.unpack_from(order + "BBI", data, offset + 6)
            self.first = offset + (20 if self.kind in (SKELETON, SPLIT) else 12)
            if self.kind in (SKELETON, SPLIT):
                self.id, = struct.unpack_from(order + "Q", data, offset + 12)
        elif self.version == 4:
            table, = struct.unpack_from(order + "I", data, offset + 6)
            self.first = offset + 11
        else:
            raise ValueError(f"version {self.version}")
        self.abbrevs = abbreviations(abbrevs, table)

    def values_of(self, pos):
        """The entry at an offset: (abbreviation, [(attribute, (form, value))], what follows); a
        value is a number, the bytes of a block, or the constant of the abbreviation."""
        code, pos = uleb(self.data, pos)
        if not code:
            return None, [], pos
        abbrev, values = self.abbrevs[code], []
        for attribute, form, constant in abbrev[2]:
            value, pos = self._value(form, constant, pos)
            values.append((attribute, (form, value)))
        return abbrev, values, pos

    def _value(self, form, constant, pos):
        if form in (0x19, 0x21):
            return constant, pos
        if form == 0x0d:
            return sleb(self.data, pos)
        if form == STRING:
            end = self.data.index(b"\0", pos)
            return bytes(self.data[pos:end + 1]), end + 1
        if form in BLOCKS:
            length, pos = self._number(BLOCKS[form], pos)
            return bytes(self.data[pos:pos + length]), pos + length
        for sizes in (SIZES, STRX, ADDRX, REFERENCES, LISTS):
            if form in sizes:
                return self._number(sizes[form], pos)
        if form == 0x0f:
            return uleb(self.data, pos)
        if form in (STRP, LINE_STRP, 0x10):
            return self._number(4, pos)
        if form in (ADDR, 0x20):
            return self._number(8, pos)
        raise KeyError(f"form {form:#x}")

    def _number(self, size, pos):
        if size is None:
            return uleb(self.data, pos)
        return int.from_bytes(self.data[pos:pos + size], BYTES[self.order]), pos + size


def units(dwo):
    """The units of a .dwo file."""
    data, abbrevs = dwo.bytes_of(".debug_info.dwo"), dwo.bytes_of(".debug_abbrev.dwo")
    pos = 0
    while pos < len(data):
        unit = Unit(dwo.order, data, pos, abbrevs)
        yield unit
        pos = unit.end


class _Rewrite:
    """The units of one .dwo file, written into @joined with the forms of a module."""

    def __init__(self, joined, dwo, root):
        self.joined, self.dwo, self.root, self.order = joined, dwo, root, joined.order
        base = root.get(AT_ADDR_BASE) or root.get(AT_GNU_ADDR_BASE) or (0, 0)
        self.addr_base, self.addresses = base[1], joined.addresses(".debug_addr")
        self.numbers = joined.elf.bytes_of(".debug_addr") or b""
        tables = joined.tables
        self.strings, self.lines = len(tables[".debug_str"]), len(tables[".debug_line"])
        tables[".debug_str"] += dwo.bytes_of(".debug_str.dwo") or b""
        self.own_lines = dwo.bytes_of(".debug_line.dwo")
        tables[".debug_line"] += self.own_lines or b""
        self.offsets = dwo.bytes_of(".debug_str_offsets.dwo") or b""
        self.codes, self.table = {}, bytearray()

    def run(self):
        found = list(units(self.dwo))
        if any(u.version == 5 and u.kind != SPLIT for u in found):
            raise CannotRun(f"{self.dwo.path} has a unit that is no whole compilation; build it "
                            "without -fdebug-types-section")
        for unit in found:
            self._unit(unit)
        self.joined.tables[".debug_abbrev"] += self.table + b"\0"

    def _unit(self, unit):
        info, start = self.joined.info, len(self.joined.info)
        table = len(self.joined.tables[".debug_abbrev"])
        if unit.version == 5:
            info += struct.pack(self.order + "IHBBI", 0, 5, 1, 8, table)
        else:
            info += struct.pack(self.order + "IHIB", 0, 4, table, 8)
        moved, references = {}, []
        pos = unit.first
        while pos < unit.end:
            moved[pos - unit.offset] = len(info) - start
            abbrev, values, pos = unit.values_of(pos)
            if len(moved) == 1:
                values += self._of_skeleton(dict(values))
            if abbrev is None:
                info += b"\0"
            else:
                self._entry(unit, abbrev, values, references)
        for where, target in references:
            struct.pack_into(self.order + "I", info, where, moved[target])
        struct.pack_into(self.order + "I", info, start, len(info) - start - 4)

    def _of_skeleton(self, known):
        """What a split unit leaves to its skeleton: the names of its files (a table at the start
        of the .dwo file comes first: DWARF 5, 3.1.3), and its folder."""
        found = []
        if AT_STMT_LIST not in known:
            place = 0 if self.own_lines else self.root[AT_STMT_LIST][1] - self.lines
            found.append((AT_STMT_LIST, (SEC_OFFSET, place)))
        if AT_COMP_DIR not in known and AT_COMP_DIR in self.root:
            text = self.joined.text(self.root, AT_COMP_DIR)
            found.append((AT_COMP_DIR, (STRING, text.encode() + b"\0")))
        return found

    def _entry(self, unit, abbrev, values, references):
        forms, parts = [], []
        for attribute, (form, value) in values:
            new = self._converted(unit, attribute, form, value)
            if new:
                forms.append((attribute, new[0], value if form == 0x21 else None))
                parts.append(new[1])
        key = abbrev[0], abbrev[1], tuple(forms)
        info = self.joined.info
        info += _uleb(self._code(key))
        for part in parts:
            if isinstance(part, bytes):
                info += part
            elif part[0] == "reference":
                references.append((len(info), part[1]))
                info += bytes(4)
            else:
                before, (symbol, addend), after = part[1:]
                info += before
                if symbol is None:
                    info += struct.pack(self.order + "Q", addend) + after
                    continue
                self.joined.relocations.append((len(info), symbol, addend))
                info += bytes(8) + after

    def _code(self, key):
        if key not in self.codes:
            self.codes[key] = len(self.codes) + 1
            tag, parent, forms = key
            self.table += _uleb(self.codes[key]) + _uleb(tag) + bytes([parent])
            for attribute, form, constant in forms:
                self.table += _uleb(attribute) + _uleb(form)
                if form == 0x21:
                    self.table += _sleb(constant)
            self.table += b"\0\0"
        return self.codes[key]

    def _converted(self, unit, attribute, form, value):
        """An attribute in the form of a module: (form, bytes or what to place there), or None."""
        if attribute in DROPPED:
            return None
        if attribute == AT_STMT_LIST:
            return SEC_OFFSET, struct.pack(self.order + "I", self.lines + value)
        if attribute == AT_RANGES:
            place = self._first_address(unit, form, value)
            return (ADDR, ("address", b"", place, b"")) if place else None
        if attribute == 0x02 and form in (SEC_OFFSET, *LISTS):
            value = self._first_place(unit, form, value)
            return (EXPRLOC, _uleb(len(value)) + value) if value else None
        if form in STRX:
            base = 8 if unit.version == 5 else 0
            at, = struct.unpack_from(self.order + "I", self.offsets, base + 4 * value)
            return STRP, struct.pack(self.order + "I", self.strings + at)
        if form in ADDRX:
            return ADDR, ("address", b"", self._address(value), b"")
        if form in REFERENCES:
            return REF4, ("reference", value)
        if form == EXPRLOC and value[:1] in (bytes([OP_ADDRX]), bytes([OP_GNU_ADDR_INDEX])):
            number, behind = uleb(value, 1)
            rest = value[behind:]
            return EXPRLOC, ("address", _uleb(9 + len(rest)) + bytes([OP_ADDR]),
                             self._address(number), rest)
        return form, self._plain(form, value)

    def _plain(self, form, value):
        order = BYTES[self.order]
        if form in BLOCKS:
            size = BLOCKS[form]
            return (_uleb(len(value)) if size is None else len(value).to_bytes(size, order)) + value
        if form == STRING:
            return value
        if form == 0x0d:
            return _sleb(value)
        if form == 0x0f:
            return _uleb(value)
        return value.to_bytes(SIZES[form], order) if SIZES[form] else b""

    def _address(self, number, more=0):
        """An address by its number: its symbol, None for a plain number, and the addend."""
        at = self.addr_base + 8 * number
        symbol, addend = self.addresses.get(at) or (
            None, struct.unpack_from(self.order + "Q", self.numbers, at)[0])
        return symbol, addend + more

    def _list(self, section, form, value):
        """The content of a section of lists, and where a list begins."""
        data = self.dwo.bytes_of(section) or b""
        if form in LISTS:
            value = 12 + struct.unpack_from(self.order + "I", data, 12 + 4 * value)[0]
        return data, value

    def _first_place(self, unit, form, value):
        """The first expression of a list of places."""
        if unit.version == 5:
            return bytes(first_of_list(*self._list(".debug_loclists.dwo", form, value)))
        data, pos = self.dwo.bytes_of(".debug_loc.dwo") or b"", value
        while data[pos] in (1, 2, 3, 4):
            kind, pos = data[pos], pos + 1
            for operand in {1: "u", 2: "uu", 3: "u4", 4: "44"}[kind]:
                pos = uleb(data, pos)[1] if operand == "u" else pos + 4
            if kind != 1:
                length, = struct.unpack_from(self.order + "H", data, pos)
                return bytes(data[pos + 2:pos + 2 + length])
        return b""

    def _first_address(self, unit, form, value):
        """The first address of a list of ranges, where the function begins."""
        if unit.version == 4:
            base = self.root.get(AT_GNU_RANGES_BASE, (0, 0))[1]
            return self.joined.addresses(".debug_ranges").get(base + value)
        data, pos = self._list(".debug_rnglists.dwo", form, value)
        base = None
        while True:
            kind, pos = data[pos], pos + 1
            if kind not in (1, 2, 3, 4):
                return None
            first, pos = uleb(data, pos)
            if kind == 1:
                base = first
            elif kind == 4:
                return None if base is None else self._address(base, first)
            else:
                return self._address(first)


def _uleb(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes([*out, value])


def _sleb(value):
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7f])
