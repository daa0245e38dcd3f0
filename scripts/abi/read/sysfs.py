# SPDX-License-Identifier: GPL-2.0-only
"""The sysfs attributes of a module: those that an array or a function of it refers to.

An attribute without such a reference is no file. Groups come from the variables that the DWARF
types as struct attribute_group.
"""
import re

from abi.read.declare import Declarations

STT_OBJECT, STT_FUNC = 1, 2


class Attribute:
    """The mode, the formats of the show function, and the function that may hide the file."""

    def __init__(self, mode, formats, hidden_by=""):
        self.mode, self.formats, self.hidden_by = mode, formats, hidden_by

    def __eq__(self, other):
        return (self.mode, self.formats, bool(self.hidden_by)) == (
            other.mode, other.formats, bool(other.hidden_by))

    def line(self, name):
        quoted = (f.replace("\\", "\\\\").replace("\n", "\\n") for f in self.formats)
        hidden = [f"(hidden by {self.hidden_by})"] if self.hidden_by else []
        return " ".join([name, f"{self.mode:04o}", *(f'"{q}"' for q in quoted), *hidden])


def attributes(elf, dwarf):
    """{name, or GROUP/NAME: Attribute} of the attributes that are linked into a group or code."""
    found, groups = {}, _groups(elf, dwarf)
    used = _referred(elf, {hidden_by for _, hidden_by in groups.values()})
    for s in sorted(elf.symbols, key=lambda x: x.name):
        if not _is_attribute(elf, s) or (s.section, s.value) not in used:
            continue
        inside = elf.relocations_inside(s)
        name = next((elf.string_at(sym, add) for o, sym, add in inside if o == 0), None)
        if not name:
            continue
        group, hidden_by = groups.get((s.section, s.value), ("", ""))
        key = f"{group}/{name}" if group else name
        while key in found:
            key += "+"
        found[key] = Attribute(elf.mode_at(s), sorted(_formats(elf, inside)), hidden_by)
    return found


def _is_attribute(elf, symbol):
    return (symbol.type == STT_OBJECT and elf.is_placed(symbol)
            and re.search(r"_attr(_|$|\.)|^attr_", symbol.name))


def groups_known(elf, dwarf):
    """Whether the debug info has the variables of the attributes; with -g1 it has none, and the
    groups can't be found."""
    places = dwarf.variable_places()
    return all((s.section, s.value) in places for s in elf.symbols if _is_attribute(elf, s))


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
    layout = Declarations(dwarf).type_of("struct", "attribute_group")
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


def _formats(elf, inside):
    """The strings that the show function of an attribute refers to."""
    for offset, symbol, addend in inside:
        function = elf.function_at(symbol, addend) if offset else None
        if function and "_show" in function.name:
            texts = {elf.string_at(t, a) for _, t, a in elf.relocations_inside(function)}
            return texts - {None, ""}
    return set()
