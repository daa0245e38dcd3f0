# SPDX-License-Identifier: GPL-2.0-only
"""The interface of a built module as its ELF file has it: exports, CRCs, sysfs attributes.

Module.symvers alone is not enough: a single module (OLD=a.ko) comes without one, and the kernel's
loader reads only the file.
"""
import contextlib
import re
import struct
import subprocess
import zlib

from lib.common import CannotRun

SHT_SYMTAB, SHT_RELA, SHT_NOBITS = 2, 4, 8
SHF_ALLOC, SHF_STRINGS, SHF_COMPRESSED = 2, 0x20, 0x800
SHN_ABS = 0xfff1
STT_OBJECT, STT_FUNC = 1, 2
# {(machine, relocation type): distance from the addend to the address}: x86 counts from the next
# instruction, s390 from the start of a six-byte instruction
PC_BIAS = {(62, 2): 4, (62, 4): 4, (22, 19): -2, (22, 20): -2}
MACHINES = {62: "x86-64", 22: "s390x", 183: "arm64", 21: "ppc64le", 243: "riscv64"}
# {machine: {relocation type: bytes}} of absolute values, which are all that debug info has
ABSOLUTE = {62: {1: 8, 10: 4}, 22: {4: 4, 22: 8}, 183: {257: 8, 258: 4}, 21: {38: 8, 1: 4},
            243: {2: 8, 1: 4}}
# {type: (bytes, sign)} of riscv64, whose linker moves code: a difference has two relocations
DIFFERENCES = {33: (1, 1), 34: (2, 1), 35: (4, 1), 36: (8, 1), 37: (1, -1), 38: (2, -1),
               39: (4, -1), 40: (8, -1)}

PLACES = ((r"\.data\.\.percpu", "per-CPU data"), (r"\.(init|exit)\.", "init or exit section"),
          (r"\.(data\.\.)?ro(data|_after_init)|\.data\.rel\.ro", "read-only data"),
          (r"\.(data|bss)", "data"), (r"\.text", "code"))


class Symbol:
    def __init__(self, name, info, section, value, size):
        self.name, self.type, self.section = name, info & 15, section
        self.value, self.size = value, size


class Module:
    """One .ko file."""

    def __init__(self, path):
        self.path = path
        with self.reading():
            self._load()
            self._read()

    @contextlib.contextmanager
    def reading(self):
        """Code that reads the file: a place that is none is a fault of the file."""
        try:
            yield
        except (struct.error, IndexError, KeyError, ValueError, zlib.error):
            raise CannotRun(f"{self.path} is damaged: one of its tables points to a place that is "
                            f"not in its {len(self.data)} bytes. Copy or build it again") from None

    def _load(self):
        with open(self.path, "rb") as f:
            self.data = f.read()

    def _read(self):
        if self.data[:5] != b"\x7fELF\x02":
            raise CannotRun(f"{self.path} is not a 64-bit ELF file")
        self.order = "<" if self.data[5] == 1 else ">"
        self.machine, = self._unpack("H", 18)
        shoff, = self._unpack("Q", 40)
        size, count, names = self._unpack("HHH", 58)
        self.sections = [self._unpack("IIQQQQIIQQ", shoff + i * size) for i in range(count)]
        self.section_names = [self._string(self.sections[names], s[0]) for s in self.sections]
        self.symbols = [x for s in self.sections if s[1] == SHT_SYMTAB for x in self._symbols(s)]
        self._relocations, self._objects = {}, None
        self._is_one()

    def _is_one(self):
        if ".modinfo" not in self.section_names and not self.path.endswith(".so"):
            raise CannotRun(f"{self.path} is not a kernel module: it has no .modinfo")

    def _symbols(self, section):
        strings = self.sections[section[6]]
        for off in range(section[4], section[4] + section[5], 24):
            name, info, _, index, value, length = self._unpack("IBBHQQ", off)
            yield Symbol(self._string(strings, name), info, index, value, length)

    def _unpack(self, layout, offset):
        return struct.unpack_from(self.order + layout, self.data, offset)

    def _string(self, section, offset):
        start = section[4] + offset
        return self.data[start:self.data.find(b"\0", start)].decode(errors="replace")

    def bytes_of(self, name):
        """The content of a section, or None."""
        if name not in self.section_names:
            return None
        s = self.sections[self.section_names.index(name)]
        if s[1] == SHT_NOBITS:
            return b""
        data = self.data[s[4]:s[4] + s[5]]
        return self._uncompressed(name, data) if s[2] & SHF_COMPRESSED else data

    def _uncompressed(self, name, data):
        kind, _, size, _ = struct.unpack_from(self.order + "IIQQ", data)
        if kind == 1:
            plain = zlib.decompress(data[24:])
        elif kind == 2:
            p = subprocess.run(["zstd", "-dc"], input=data[24:], capture_output=True)
            if p.returncode:
                raise CannotRun(f"zstd could not unpack {name} of {self.path}: "
                                f"{p.stderr.decode(errors='replace').strip()}")
            plain = p.stdout
        else:
            raise CannotRun(f"{name} of {self.path} is compressed in an unknown way ({kind})")
        if len(plain) != size:
            raise CannotRun(f"{name} of {self.path} has {len(plain)} bytes instead of {size}")
        return plain

    def relocated(self, name):
        """The content of a debug section with its relocations applied, and {offset: (section,
        value)} of the addresses in it."""
        data, addresses = bytearray(self.bytes_of(name) or b""), {}
        if self.machine not in ABSOLUTE:
            raise CannotRun(f"{self.path} is for machine {self.machine}, whose relocations this "
                            f"reader does not know; it knows {', '.join(MACHINES.values())}")
        index = self.section_names.index(name) if name in self.section_names else None
        sizes, symbols = ABSOLUTE[self.machine], self.symbols
        pack = {4: struct.Struct(self.order + "I").pack_into,
                8: struct.Struct(self.order + "Q").pack_into}
        for s in self.sections:
            if s[1] != SHT_RELA or s[7] != index:
                continue
            for where, info, addend in struct.iter_unpack(self.order + "QQq",
                                                          self.data[s[4]:s[4] + s[5]]):
                symbol, kind = symbols[info >> 32], info & 0xffffffff
                value, size = symbol.value + addend, sizes.get(kind)
                if size == 4 and 0 <= value <= 0xffffffff:
                    pack[4](data, where, value)
                elif size == 8 and value >= 0:
                    pack[8](data, where, value)
                    addresses[where] = (symbol.section, value)
                else:
                    size = self._relocate(name, data, where, kind, value)
                    if size == 8:
                        addresses[where] = (symbol.section, value)
        return data, addresses

    def _relocate(self, name, data, where, kind, value):
        """Apply one relocation; the bytes that it covers."""
        size, sign = ABSOLUTE[self.machine].get(kind), 0
        if not size and self.machine == 243:
            size, sign = DIFFERENCES.get(kind, (0, 0))
        if not size:
            raise CannotRun(f"{name} of {self.path} has a relocation of type {kind}, which this "
                            "reader does not know")
        layout = self.order + {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
        if sign:
            value = struct.unpack_from(layout, data, where)[0] + sign * value
        struct.pack_into(layout, data, where, value & (1 << 8 * size) - 1)
        return size if not sign else 0

    def plain_copy(self, exports=None):
        """The file as libabigail can read it: without names of CRCs, on which version 2.2 aborts,
        and with compressed sections unpacked. With exports, it exports nothing else."""
        data, shoff = bytearray(self.data), self._unpack("Q", 40)[0]
        for s in self.sections:
            if s[1] == SHT_SYMTAB:
                for off in range(s[4], s[4] + s[5], 24):
                    name = self._string(self.sections[s[6]], self._unpack("I", off)[0])
                    if name.startswith("__crc_") or (
                            exports is not None and name.startswith("__ksymtab_")
                            and name.removeprefix("__ksymtab_") not in exports):
                        struct.pack_into(self.order + "I", data, off, 0)
        for n, (name, s) in enumerate(zip(self.section_names, self.sections)):
            if s[2] & SHF_COMPRESSED:
                align, = self._unpack("Q", s[4] + 16)
                plain = self._uncompressed(name, self.data[s[4]:s[4] + s[5]])
                data += b"\0" * (-len(data) % 16)
                header = shoff + n * 64
                struct.pack_into(self.order + "Q", data, header + 8, s[2] & ~SHF_COMPRESSED)
                struct.pack_into(self.order + "QQ", data, header + 24, len(data), len(plain))
                struct.pack_into(self.order + "Q", data, header + 48, align)
                data += plain
        return data

    def relocations(self, index):
        """[(offset, symbol, addend)] of a section; the addend is that of the target address."""
        if index not in self._relocations:
            found = []
            for s in self.sections:
                if s[1] == SHT_RELA and s[7] == index:
                    for off in range(s[4], s[4] + s[5], 24):
                        where, info, addend = self._unpack("QQq", off)
                        bias = PC_BIAS.get((self.machine, info & 0xffffffff), 0)
                        found.append((where, self.symbols[info >> 32], addend + bias))
            self._relocations[index] = found
        return self._relocations[index]

    def relocations_inside(self, symbol):
        """[(offset in the symbol, target, addend)]"""
        end = symbol.value + symbol.size
        return [(o - symbol.value, target, addend)
                for o, target, addend in self.relocations(symbol.section)
                if symbol.value <= o < end]

    def loaded_sections(self):
        """The indexes of the sections that the loader keeps in memory."""
        return [i for i, s in enumerate(self.sections) if s[2] & SHF_ALLOC]

    def is_placed(self, symbol):
        """Whether a symbol lies in a section of this file."""
        return 0 < symbol.section < len(self.sections)

    def string_at(self, symbol, addend):
        """The string that a relocation points to, or None."""
        if not self.is_placed(symbol):
            return None
        section = self.sections[symbol.section]
        offset = symbol.value + addend
        if section[1] == SHT_NOBITS or not 0 <= offset < section[5]:
            return None
        if not (section[2] & SHF_STRINGS
                or self.section_names[symbol.section].startswith(".rodata")):
            return None
        return self._string(section, offset)

    def has_debug_info(self):
        return bool(self.bytes_of(".debug_info"))

    def modinfos(self, key):
        """All values of a key in .modinfo, as modinfo -F KEY prints them."""
        entries = (self.bytes_of(".modinfo") or b"").decode(errors="replace").split("\0")
        return [e.partition("=")[2] for e in entries if e.startswith(key + "=")]

    def modinfo(self, key):
        return next(iter(self.modinfos(key)), "")

    def exports(self):
        """{symbol: (GPL only?, namespace, CRC or None)}."""
        flags = self.bytes_of("__kflagstab")
        by_name = {s.name: s for s in self.symbols}
        found = {}
        for s in self.symbols:
            if not s.name.startswith("__ksymtab_") or not self.is_placed(s):
                continue
            name, section = s.name.removeprefix("__ksymtab_"), self.section_names[s.section]
            if not section.startswith(("__ksymtab", "___ksymtab")) \
               or section == "__ksymtab_strings":
                continue
            # the licence class is the section's name until 6.18, then a byte in __kflagstab
            gpl = bool(flags[s.value // self._entry(s.section)] & 1) if flags is not None \
                else "_gpl" in section
            ns = by_name.get("__kstrtabns_" + name)
            namespace = self._string(self.sections[ns.section], ns.value) if ns else ""
            found[name] = (gpl, namespace, self._crc(by_name.get("__crc_" + name)))
        return found

    def _entry(self, index):
        """Bytes of an entry in an export table: three words, 32 bits each where an architecture
        has relative ones and 64 bits elsewhere."""
        offsets = sorted({s.value for s in self.symbols
                          if s.section == index and s.name.startswith("__ksymtab_")})
        steps = [b - a for a, b in zip(offsets, offsets[1:])]
        return min(steps) if steps else self.sections[index][5]

    def _crc(self, symbol):
        if symbol is None:
            return None
        if symbol.section == SHN_ABS:
            return symbol.value & 0xffffffff
        return self._unpack("I", self.sections[symbol.section][4] + symbol.value)[0]

    def strings(self):
        """All strings in .rodata; where the linker merged sections, other constants as well."""
        found = set()
        for s, name in zip(self.sections, self.section_names):
            if name.startswith(".rodata") and s[1] != SHT_NOBITS:
                texts = self.data[s[4]:s[4] + s[5]].split(b"\0")
                found.update(x.decode(errors="replace") for x in texts if x)
        return found

    def parameters(self):
        """{parameter: mode of its file in sysfs}."""
        found = {}
        if "__param" not in self.section_names:
            return found
        index = self.section_names.index("__param")
        start, size = self.sections[index][4], self.sections[index][5]
        for offset, symbol, addend in self.relocations(index):
            # struct kernel_param is 40 bytes: name, module, operations, mode
            if offset % 40 == 0 and offset < size:
                found[self.string_at(symbol, addend)] = self._unpack("H", start + offset + 24)[0]
        return found

    def can_unload(self):
        """Whether the module has a function for its removal, or none for its start either."""
        names = {s.name for s in self.symbols if self.is_placed(s)}
        return "cleanup_module" in names or "init_module" not in names

    def place_of(self, name):
        """The kind of section that a symbol lies in: how code may reach it."""
        s = next((s for s in self.symbols if s.name == name and self.is_placed(s)), None)
        section = self.section_names[s.section] if s else ""
        return next((kind for pattern, kind in PLACES if re.match(pattern, section)), section)

    def object_size(self, name):
        """The size of a variable, 0 of anything else."""
        if self._objects is None:
            self._objects = {s.name: s.size for s in reversed(self.symbols)
                             if s.type == STT_OBJECT and self.is_placed(s)}
        return self._objects.get(name, 0)

    def function_at(self, symbol, addend):
        """The function that a relocation points to, or None."""
        if symbol.type == STT_FUNC:
            return symbol
        return next((s for s in self.symbols
                     if s.type == STT_FUNC and s.section == symbol.section and s.size
                     and s.value == symbol.value + addend), None)

    def function_around(self, section, offset):
        """The name of the function that an offset lies in, or ""."""
        return next((s.name for s in self.symbols if s.type == STT_FUNC and s.section == section
                     and s.value <= offset < s.value + s.size), "")

    def function_named(self, name):
        return next((s for s in self.symbols if s.type == STT_FUNC and s.name == name
                     and self.is_placed(s)), None)

    def strings_in(self, function):
        """The strings that a function refers to."""
        texts = {self.string_at(t, a) for _, t, a in self.relocations_inside(function)}
        return texts - {None, ""}

    def pointers_at(self, section, offset):
        """[(target, addend)] of an array of pointers that ends with NULL."""
        targets = {o: (t, a) for o, t, a in self.relocations(section)}
        while offset in targets:
            yield targets[offset]
            offset += 8

    def mode_at(self, attribute):
        """The mode in a struct attribute."""
        return self._unpack("H", self.sections[attribute.section][4] + attribute.value + 8)[0]
