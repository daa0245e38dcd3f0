# SPDX-License-Identifier: GPL-2.0-only
"""A whole kernel as one side of a comparison: vmlinux, linked or unpacked from a boot image.

Exports, CRCs and licence classes come from the tables that the loader searches, types from BTF.
pahole makes BTF from DWARF for a vmlinux that has none.
"""
import mmap
import os
import re
import struct
import tempfile

import abi.read.dump
from abi.read.btf import Btf
from abi.read.declare import Declarations
from abi.read.elf import SHT_NOBITS, Module
from abi.read.side import CONFIGURED
from abi.read.types import Reach
from lib.common import CannotRun

ET_REL = 1
TABLES = ("__ksymtab", "__ksymtab_gpl")


def is_kernel(path):
    """Whether a file is an ELF file that is linked, unlike a module."""
    with open(path, "rb") as f:
        head = f.read(20)
    order = "<" if head[5:6] == b"\1" else ">"
    return head[:5] == b"\x7fELF\x02" and struct.unpack_from(order + "H", head, 16)[0] != ET_REL


class Vmlinux(Module):
    """The ELF file of a kernel."""

    def __init__(self, path):
        self._file = open(path, "rb")
        super().__init__(path)

    def _load(self):
        # with debug info it has hundreds of megabytes, of which a few are read
        self.data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def _is_one(self):
        if not set(TABLES) & set(self.section_names):
            raise CannotRun(f"{self.path} is no kernel: it has no table of exports")

    def exports(self):
        """{symbol: (GPL only?, namespace, CRC or None)}."""
        found, flags = {}, self.bytes_of("__kflagstab")
        for table in TABLES:
            crcs = self.bytes_of(table.replace("ksymtab", "kcrctab"))
            entries = list(self._entries(table))
            if crcs and len(crcs) != 4 * len(entries):
                raise CannotRun(f"{self.path} has {len(entries)} exports in {table} and "
                                f"{len(crcs) // 4} CRCs for them")
            for n, (name, namespace) in enumerate(entries):
                gpl = bool(flags[n] & 1) if flags else table.endswith("_gpl")
                crc = struct.unpack_from(self.order + "I", crcs, 4 * n)[0] if crcs else None
                found[name] = gpl, namespace, crc
        return found

    def _entries(self, table):
        """[(name, namespace)] of a table: three 32-bit distances or three addresses each."""
        if table not in self.section_names:
            return
        s, data = self.sections[self.section_names.index(table)], self.bytes_of(table)
        relative = len(data) % 12 == 0 and self._text(
            s[3] + 4 + struct.unpack_from(self.order + "i", data, 4)[0]) is not None
        for at in range(0, len(data), 12 if relative else 24):
            if relative:
                _, name, namespace = struct.unpack_from(self.order + "iii", data, at)
                name, namespace = s[3] + at + 4 + name, s[3] + at + 8 + namespace
            else:
                _, name, namespace = struct.unpack_from(self.order + "QQQ", data, at)
            if not self._text(name):
                raise CannotRun(f"{table} of {self.path} does not lead to names; is the file "
                                "relocated, or of an architecture with other tables?")
            yield self._text(name), self._text(namespace) or ""

    def _text(self, address):
        """The string at an address, or None."""
        for s in self.sections:
            if s[3] and s[3] <= address < s[3] + s[5] and s[1] != SHT_NOBITS:
                return self._string(s, address - s[3])
        return None

    def place_of(self, name):
        return ""


class Kernel:
    """A vmlinux as the comparison of sides sees it; see abi.read.side.Side.

    Without public, the names that headers define, every type that an export leads to counts.
    """

    def __init__(self, path, public=None, symbols=None):
        self.elf = Vmlinux(path)
        self.modules, self.headers, self.unread = {"vmlinux": self.elf}, None, []
        self.exports = {n: ("vmlinux", *e) for n, e in self.elf.exports().items()
                        if not re.match(abi.read.dump.NOISE, n)}
        self.all_exports = set(self.exports)
        if symbols is not None:
            self.exports = {n: e for n, e in self.exports.items() if n in symbols}
        self.how, self.reader = self._types()
        self.view, self._made = Reach(), {}
        for name in self.exports:
            self._read(name)
        self.untyped = self.view.untyped
        self._follow()
        if public is not None:
            keys = {f"{kind} {n}" for kind in ("struct", "union", "enum") for n in public[kind]}
            keys |= {f"typedef {n}" for n in public["typedef"]} | set(public["typedef"])
            self.view.types = {k: t for k, t in self.view.types.items() if k in keys}

    def _types(self):
        """(the way in which the types were had, a reader of them)"""
        names, data = self.elf.section_names, None
        if ".BTF" in names:
            data, how = self.elf.bytes_of(".BTF"), "BTF"
        elif ".gnu_debugaltlink" in names:
            # pahole 1.24 dies of it
            raise CannotRun(f"{self.elf.path} has no BTF, and a part of its DWARF is in a "
                            "supplementary file of dwz (dwz -m), which is not read here; give the "
                            "file as it was before, or one with CONFIG_DEBUG_INFO_BTF")
        elif ".debug_info" in names:
            with tempfile.TemporaryDirectory() as folder:
                out = os.path.join(folder, "btf")
                rc, _, err = abi.read.dump.call(["pahole", f"--btf_encode_detached={out}",
                                                 os.path.abspath(self.elf.path)])
                if rc or not os.path.exists(out):
                    raise CannotRun(f"pahole could not read the debug info of {self.elf.path}: "
                                    f"{err.strip()[-300:]}")
                with open(out, "rb") as f:
                    data = f.read()
            how = "DWARF, through pahole"
        else:
            raise CannotRun(f"{self.elf.path} has neither BTF nor DWARF, so its types cannot be "
                            "compared; build it with CONFIG_DEBUG_INFO_BTF")
        return how, Declarations(Btf(data, self.elf.order, self.elf.path))

    def _read(self, name):
        """Add the declaration of an export to the view."""
        found = self.reader.function(name) or self.reader.variable(name)
        if found is None:
            self.view.untyped.add(name)
        self.view.exports[name] = found or (f"{name} (no type known)", set())
        if found and name in self.reader.dwarf.functions:
            self.view.plains[name] = lambda: self.reader.plain_function(name, name)

    def _follow(self):
        """Add the types that the exports lead to."""
        todo = [k for _, keys in self.view.exports.values() for k in keys]
        while todo:
            key = todo.pop()
            if key in self.view.types:
                continue
            found = self.definition(key)
            if found:
                self.view.types[key] = found
                todo.extend(k for k in found.refers if k not in self.view.types)

    def definition(self, key):
        """A type as BTF has it, or None."""
        if key not in self._made:
            self._made[key] = self.reader.type_of(key)
        return self._made[key]

    def release(self):
        """The release in the kernel's banner."""
        m = re.search(rb"Linux version (\S+)", self.elf.bytes_of(".rodata") or b"")
        return m[1].decode(errors="replace") if m else ""

    def configuration(self):
        """See abi.read.side.Side.configuration()."""
        found = ((what, self.definition(f"struct {n}")) for n, what in CONFIGURED.items())
        return {what: t.size for what, t in found if t}

    def registers(self, name):
        """None: BTF does not say where parameters are."""

    def noreturn(self, name):
        """None: BTF does not say whether a function returns."""

    def size_of(self, name):
        """The size of an exported variable, 0 where the file has no symbols."""
        return self.elf.object_size(name)
