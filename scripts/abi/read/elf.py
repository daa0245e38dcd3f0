# SPDX-License-Identifier: GPL-2.0-only
"""What a built module itself says of its interface, read from the ELF file: exports, versions, sysfs attributes, debug info.

Nothing is taken from Module.symvers alone: a module that is handed over (OLD=a.ko) comes without one, and what counts is
what the kernel's loader will read.
"""
import re
import struct

from lib.common import CannotRun

SHT_SYMTAB, SHT_RELA, SHT_NOBITS = 2, 4, 8
SHF_STRINGS = 0x20
STT_OBJECT, STT_FUNC = 1, 2
# how far a relocation's addend is from the address that it means: the processor counts from the next instruction on x86,
# from the start of a six-byte one on s390
PC_BIAS = {(62, 2): 4, (62, 4): 4, (22, 19): -2, (22, 20): -2}


class Symbol:
    def __init__(self, name, info, section, value, size):
        self.name, self.type, self.section, self.value, self.size = name, info & 15, section, value, size


class Module:
    """One .ko file."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, "rb") as f:
                self.data = f.read()
            self._read()
        except (struct.error, IndexError, ValueError) as e:
            raise CannotRun(f"{path} is not a whole 64-bit ELF module: {e}") from None

    def _read(self):
        if self.data[:5] != b"\x7fELF\x02":
            raise CannotRun(f"{self.path} is not a 64-bit ELF file")
        self.order = "<" if self.data[5] == 1 else ">"
        self.machine, = struct.unpack_from(self.order + "H", self.data, 18)
        shoff, = struct.unpack_from(self.order + "Q", self.data, 40)
        size, count, names = struct.unpack_from(self.order + "HHH", self.data, 58)
        self.sections = [struct.unpack_from(self.order + "IIQQQQIIQQ", self.data, shoff + i * size) for i in range(count)]
        self.section_names = [self._string(self.sections[names], s[0]) for s in self.sections]
        self.symbols = []
        for s in self.sections:
            if s[1] == SHT_SYMTAB:
                strings = self.sections[s[6]]
                for off in range(s[4], s[4] + s[5], 24):
                    name, info, _, index, value, length = struct.unpack_from(self.order + "IBBHQQ", self.data, off)
                    self.symbols.append(Symbol(self._string(strings, name), info, index, value, length))
        self._relocations = {}
        if ".modinfo" not in self.section_names and not self.path.endswith(".so"):
            raise CannotRun(f"{self.path} is not a kernel module: it has no .modinfo")

    def _string(self, section, offset):
        start = section[4] + offset
        return self.data[start:self.data.index(b"\0", start)].decode(errors="replace")

    def bytes_of(self, name):
        """The content of a section, or None."""
        if name not in self.section_names:
            return None
        s = self.sections[self.section_names.index(name)]
        return b"" if s[1] == SHT_NOBITS else self.data[s[4]:s[4] + s[5]]

    def relocations(self, index):
        """[(offset, symbol, addend)] of the section with this index; the addend is that of the address meant."""
        if index not in self._relocations:
            found = []
            for s in self.sections:
                if s[1] == SHT_RELA and s[7] == index:
                    for off in range(s[4], s[4] + s[5], 24):
                        where, info, addend = struct.unpack_from(self.order + "QQq", self.data, off)
                        bias = PC_BIAS.get((self.machine, info & 0xffffffff), 0)
                        found.append((where, self.symbols[info >> 32], addend + bias))
            self._relocations[index] = found
        return self._relocations[index]

    def string_at(self, symbol, addend):
        """The string that a relocation points to, or None."""
        if not 0 < symbol.section < len(self.sections):
            return None
        section = self.sections[symbol.section]
        offset = symbol.value + addend
        if section[1] == SHT_NOBITS or not 0 <= offset < section[5]:
            return None
        if not (section[2] & SHF_STRINGS or self.section_names[symbol.section].startswith(".rodata")):
            return None
        return self._string(section, offset)

    def has_debug_info(self):
        return bool(self.bytes_of(".debug_info"))

    def modinfos(self, key):
        """All values that a module has for a key of its .modinfo, as modinfo -F KEY prints them."""
        entries = (self.bytes_of(".modinfo") or b"").decode(errors="replace").split("\0")
        return [e.partition("=")[2] for e in entries if e.startswith(key + "=")]

    def modinfo(self, key):
        return next(iter(self.modinfos(key)), "")

    def versions(self):
        """{symbol: CRC} of the symbols that the module uses, as the loader compares them."""
        data = self.bytes_of("__versions") or b""
        return {data[o + 8:o + 64].split(b"\0")[0].decode(): struct.unpack_from(self.order + "Q", data, o)[0] & 0xffffffff
                for o in range(0, len(data), 64)}

    def exports(self):
        """{symbol: (GPL only?, namespace, CRC or None)}."""
        flags = self.bytes_of("__kflagstab")
        strings = {s.name: s for s in self.symbols if s.name.startswith("__kstrtabns_")}
        crcs = {s.name: s for s in self.symbols if s.name.startswith("__crc_")}
        found = {}
        for s in self.symbols:
            if not s.name.startswith("__ksymtab_") or not 0 < s.section < len(self.sections):
                continue
            name, section = s.name.removeprefix("__ksymtab_"), self.section_names[s.section]
            if not section.startswith(("__ksymtab", "___ksymtab")) or section == "__ksymtab_strings":
                continue
            # until 6.18 the section says who may use the symbol, later a byte in a table beside it
            gpl = bool(flags[s.value // self._entry(s.section)] & 1) if flags is not None else "_gpl" in section
            ns = strings.get("__kstrtabns_" + name)
            found[name] = (gpl, self._string(self.sections[ns.section], ns.value) if ns else "", self._crc(crcs.get("__crc_" + name)))
        return found

    def _entry(self, index):
        """Bytes of an entry in an export table: three words, of 32 bits or, where the architecture has no relative ones, 64."""
        distances = sorted({s.value for s in self.symbols if s.section == index and s.name.startswith("__ksymtab_")})
        steps = [b - a for a, b in zip(distances, distances[1:])]
        return min(steps) if steps else self.sections[index][5]

    def _crc(self, symbol):
        if symbol is None:
            return None
        if symbol.section == 0xfff1:        # absolute: the value is the CRC
            return symbol.value & 0xffffffff
        return struct.unpack_from(self.order + "I", self.data, self.sections[symbol.section][4] + symbol.value)[0]

    def strings(self):
        """All strings that the code can print, and, where the linker has merged sections, other constants among them."""
        found = set()
        for s, name in zip(self.sections, self.section_names):
            if name.startswith(".rodata") and s[1] != SHT_NOBITS:
                found.update(x.decode(errors="replace") for x in self.data[s[4]:s[4] + s[5]].split(b"\0") if x)
        return found

    def _function_at(self, symbol, addend):
        if symbol.type == STT_FUNC:
            return symbol
        for s in self.symbols:
            if s.type == STT_FUNC and s.section == symbol.section and s.value == symbol.value + addend and s.size:
                return s
        return None

    def sysfs_attributes(self):
        """{name: (mode, [format strings of its show function])}."""
        found = {}
        for s in self.symbols:
            if s.type != STT_OBJECT or not re.search(r"_attr(_|$|\.)|^attr_", s.name) or not 0 < s.section < len(self.sections):
                continue
            inside = [(o - s.value, sym, add) for o, sym, add in self.relocations(s.section) if s.value <= o < s.value + s.size]
            name = next((self.string_at(sym, add) for o, sym, add in inside if o == 0), None)
            if not name:
                continue
            mode, = struct.unpack_from(self.order + "H", self.data, self.sections[s.section][4] + s.value + 8)
            formats = set()
            for o, sym, add in inside:
                function = self._function_at(sym, add) if o else None
                if function and "_show" in function.name:
                    for where, target, to in self.relocations(function.section):
                        if function.value <= where < function.value + function.size:
                            text = self.string_at(target, to)
                            if text:
                                formats.add(text)
            found[name] = (mode, sorted(formats))
        return found
