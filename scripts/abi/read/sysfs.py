# SPDX-License-Identifier: GPL-2.0-only
"""The sysfs attributes of a module: those that an array or a function of it refers to.

An attribute without such a reference is no file. Groups come from the variables that the DWARF
types as struct attribute_group.
"""
import re
import shutil
import subprocess

from abi.read.declare import Declarations
from abi.read.elf import STT_FUNC, STT_OBJECT, Symbol
from lib.common import CannotRun

# a number in a disassembled instruction: $0x124 and #0x124, or 292 after the registers
IMMEDIATE = re.compile(r"[$#]0x([0-9a-f]+)\b|(?:[$#]|,)(\d+)(?![\w(])")


class Attribute:
    """The mode, the formats of the show function, and the function that may hide the file.

    reached has the strings of the functions that the show function calls as well, modes those that
    is_visible returns as a number.
    """

    def __init__(self, mode, formats, hidden_by="", reached=(), modes=()):
        self.mode, self.formats, self.hidden_by = mode, formats, hidden_by
        self.reached, self.modes = {*formats, *reached}, sorted(modes)

    def same_format(self, other):
        """Whether both show the same; a function that show() calls may have the format."""
        return (self.formats == other.formats
                or set(self.formats) <= other.reached and set(other.formats) <= self.reached)

    def __eq__(self, other):
        return (self.mode, self.formats, bool(self.hidden_by)) == (
            other.mode, other.formats, bool(other.hidden_by))

    def line(self, name):
        quoted = (f.replace("\\", "\\\\").replace("\n", "\\n") for f in self.formats)
        modes = "".join(f", or {m:04o}" for m in self.modes)
        hidden = [f"(hidden by {self.hidden_by}{modes})"] if self.hidden_by else []
        return " ".join([name, f"{self.mode:04o}", *(f'"{q}"' for q in quoted), *hidden])


def attributes(elf, dwarf):
    """{name, or GROUP/NAME: Attribute} of the attributes that are linked into a group or code."""
    found, groups = {}, _groups(elf, dwarf)
    used = _referred(elf, {hidden_by for _, hidden_by in groups.values()})
    modes = {f: modes_given(elf, f) for f in {hidden_by for _, hidden_by in groups.values()} if f}
    for s in sorted(_candidates(elf, dwarf), key=lambda x: (x.name, x.value)):
        if (s.section, s.value) not in used:
            continue
        inside = elf.relocations_inside(s)
        name = next((elf.string_at(sym, add) for o, sym, add in inside if o == 0), None)
        if not name:
            continue
        group, hidden_by = groups.get((s.section, s.value), ("", ""))
        key = f"{group}/{name}" if group else name
        while key in found:
            key += "+"
        formats, reached = _formats(elf, dwarf, inside)
        found[key] = Attribute(elf.mode_at(s), sorted(formats), hidden_by, reached,
                               modes.get(hidden_by, ()))
    return found


def _candidates(elf, dwarf):
    """The symbols of attributes by their name, and the places of others by their type."""
    found = {(s.section, s.value): s for s in elf.symbols if _is_attribute(elf, s)}
    sizes = {}
    for e, (section, value) in dwarf.placed_variables():
        kind, count = dwarf.record_behind(e)
        if kind is None or not count:
            continue
        if kind.offset not in sizes:
            sizes[kind.offset] = kind.get("size") if _starts_with_attribute(dwarf, kind) else 0
        size = sizes[kind.offset]
        for n in range(count if size else 0):
            place = section, value + n * size
            found.setdefault(place, Symbol(f"{dwarf.inherited(e, 'name')}[{n}]", STT_OBJECT,
                                           *place, size))
    return found.values()


def _starts_with_attribute(dwarf, record):
    """Whether a struct is a struct attribute, or begins with one."""
    for _ in range(4):
        if record is None or record.tag != "struct":
            return False
        if record.get("name") == "attribute":
            return True
        first = next((c for c in dwarf.children(record) if c.tag == "member"), None)
        record = dwarf.record_behind(first)[0] if first is not None else None
    return False


def _is_attribute(elf, symbol):
    return (symbol.type == STT_OBJECT and elf.is_placed(symbol)
            and re.search(r"_attr(_|$|\.)|^attr_", symbol.name))


def groups_known(elf, dwarf):
    """Whether the debug info has the variables of the attributes; with -g1 it has none, and the
    groups can't be found."""
    places = {place for _, place in dwarf.placed_variables()}
    return all((s.section, s.value) in places for s in elf.symbols if _is_attribute(elf, s))


def modes_given(elf, function):
    """The permissions among the numbers in the code of an is_visible function."""
    tool = disassembler(elf.machine)
    option = "--disassemble-symbols=" if "llvm" in tool else "--disassemble="
    p = subprocess.run([tool, option + function, elf.path], capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)
    if p.returncode:
        raise CannotRun(f"{tool} could not read {elf.path}: {p.stderr.strip()[-300:]}")
    numbers = {int(m[1] or m[2], 16 if m[1] else 10)
               for line in p.stdout.splitlines() if not re.search(r"%[er]?sp\b|%r15\b|\bsp\b", line)
               for m in IMMEDIATE.finditer(line.split("\t", 2)[-1])}
    return {n for n in numbers if n <= 0o666 and not n & 0o111 and n & 0o600}


def disassembler(machine):
    prefix = {62: "x86_64-linux-gnu-", 22: "s390x-linux-gnu-"}.get(machine)
    names = [*([prefix + "objdump"] if prefix else []), "llvm-objdump"]
    tool = next((t for t in names if shutil.which(t)), None)
    if not tool:
        how = "scripts/lib/host-setup abi cross installs one" if prefix else \
            "apt-get install llvm installs it"
        raise CannotRun(f"no {' and no '.join(names)} on this machine, so the modes that "
                        f"is_visible gives were not read; {how}")
    return tool


def _referred(elf, apart):
    """{(section, value)} that a loaded section refers to, the functions named in apart excepted:
    an is_visible function names attributes that may be in no group."""
    spans = [(s.section, s.value, s.value + s.size) for s in elf.symbols
             if s.type == STT_FUNC and s.name in apart]
    return {(t.section, t.value + a) for section in elf.loaded_sections()
            for offset, t, a in elf.relocations(section)
            if not any(section == s and start <= offset < end for s, start, end in spans)}


def _groups(elf, dwarf):
    """{(section, value) of an attribute: (name of its group, name of is_visible)}"""
    layout = Declarations(dwarf).type_of("struct attribute_group")
    offsets = {m.name.split(".")[-1]: m.offset // 8 for m in layout.members} if layout else {}
    found = {}
    for section, value in dwarf.placed("attribute_group"):
        targets = {o - value: (t, a) for o, t, a in elf.relocations(section)
                   if value <= o < value + layout.size}
        name = elf.string_at(*targets[offsets["name"]]) if offsets["name"] in targets else ""
        visible = targets.get(offsets.get("is_visible"))
        hidden_by = elf.function_at(*visible).name if visible else ""
        if offsets.get("attrs") in targets:
            array, addend = targets[offsets["attrs"]]
            for t, a in elf.pointers_at(array.section, array.value + addend):
                found[(t.section, t.value + a)] = (name, hidden_by)
    return found


def _formats(elf, dwarf, inside):
    """The strings of an attribute's show function, and those of the functions that it calls."""
    for offset, symbol, addend in inside:
        function = elf.function_at(symbol, addend) if offset else None
        if function and "_show" in function.name:
            own = elf.strings_in(function)
            reached = set(own)
            for name in _called(dwarf, function.name):
                callee = elf.function_named(name)
                reached |= elf.strings_in(callee) if callee else set()
            return own, reached
    return set(), set()


def _called(dwarf, name):
    """The names of the functions that a function calls, directly or through up to two others."""
    seen, level = {name}, {name}
    for _ in range(3):
        level = {c for n in level for c in dwarf.calls(n)} - seen
        seen |= level
    return seen - {name}
