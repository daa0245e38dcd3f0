# SPDX-License-Identifier: GPL-2.0-only
"""Calls: the registers in which an export takes its parameters, and the uevents that code sends.

The debug info has where a parameter is when a function starts, and the values that a call passes.
"""
import re
import struct

from abi.read.dwarf import uleb
from abi.read.elf import STT_FUNC

REGISTERS = range(0x50, 0x70)
# the register of a call's second parameter
SECOND = {62: 4, 22: 3, 183: 1, 243: 11, 21: 4}
UEVENTS = ("kobject_uevent", "kobject_uevent_env")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*=")
# bytes from the relocation of a call to the instruction behind it: two instructions of riscv64
LONGEST = 8
VARIES, UNKNOWN = "(varies)", "(unknown)"


def registers(elf, dwarf, name):
    """The registers of an export's parameters, None for one elsewhere; None without a function."""
    e = dwarf.functions.get(name)
    if e is None:
        return None
    if dwarf.inherited(e, "convention"):
        return [f"convention {dwarf.inherited(e, 'convention'):#x}"]
    found = []
    for c in dwarf.children(e):
        if c.tag == "parameter":
            code = dwarf.expression(c, "location") or _first(elf, c)
            found.append(code[0] - 0x50 if len(code) == 1 and code[0] in REGISTERS else None)
    return found


def _first(elf, entry):
    """The first expression of a location list."""
    place, version = entry.get("location"), entry.unit.version
    if not isinstance(place, int) or isinstance(place, bool):
        return b""
    try:
        if version == 4:
            data = elf.bytes_of(".debug_loc") or b""
            length, = struct.unpack_from(elf.order + "H", data, place + 16)
            return data[place + 18:place + 18 + length]
        return first_of_list(elf.bytes_of(".debug_loclists") or b"", place)
    except (struct.error, IndexError):
        return b""


def first_of_list(data, pos):
    """The first expression of a list in .debug_loclists."""
    skip = {1: "u", 2: "uu", 3: "uu", 4: "uu", 5: "", 6: "a", 7: "aa", 8: "au", 9: "uu"}
    for _ in range(4):
        kind, pos = data[pos], pos + 1
        for operand in skip.get(kind, ""):
            pos = pos + 8 if operand == "a" else uleb(data, pos)[1]
        if kind in (2, 3, 4, 5, 7, 8):
            length, pos = uleb(data, pos)
            return data[pos:pos + length]
    return b""


def uevents(elf, dwarf):
    """{function: [action]} of the functions that send uevents, and the variables in their text."""
    found, names = {}, _actions(dwarf)
    symbols = {(s.section, s.value): s.name for s in elf.symbols if s.type == STT_FUNC}
    for name, places in sorted(_callers(elf).items()):
        calls, entries = {}, {e.offset: e for e in dwarf.scattered.get(name, ())}
        for e in (dwarf.functions.get(name), *dwarf.bodies.values()):
            if e is not None and (e.get("name") == name
                                  or _whole(symbols.get(e.get("address"), "")) == name):
                entries[e.offset] = e
        for e in entries.values():
            _collect(dwarf, e, SECOND.get(elf.machine), places, calls)
        if elf.machine not in (62, 183) and any(
                "clang" in (e.unit.root.get("producer") or "") for e in entries.values()):
            # clang notes the values that a call passes on x86-64 and arm64 alone
            calls = {}
        calls = [*calls.values(), *[UNKNOWN] * (len(places) - len(calls))]
        found[name] = sorted(c if isinstance(c, str) else names.get(c, str(c)) for c in calls)
    texts = {t for t in elf.strings() if VARIABLE.match(t)} if found else set()
    return found, texts


def _whole(symbol):
    """The name of the function that a compiler's part of it belongs to."""
    return symbol.split(".")[0]


def _callers(elf):
    """{function: [(section, offset)] of its calls that send a uevent}"""
    found = {}
    for section in elf.loaded_sections():
        for offset, target, _ in elf.relocations(section):
            if target.name in UEVENTS:
                function = _whole(elf.function_around(section, offset))
                if function:
                    found.setdefault(function, []).append((section, offset))
    return found


def _actions(dwarf):
    e = dwarf.types.get(("enum", "kobject_action"))
    return {c.get("value"): c.get("name").removeprefix("KOBJ_").lower()
            for c in (dwarf.children(e) if e else ()) if c.tag == "enumerator"}


def _collect(dwarf, entry, register, places, calls):
    """Add the action of each call below an entry that is at one of some places: {entry: action}."""
    for c in dwarf.children(entry):
        if c.tag == "call" and c.get("origin"):
            if dwarf.inherited(c, "name") in UEVENTS and _is_at(c, places):
                calls[c.offset] = next((_constant(dwarf.expression(p, "call-value"))
                                        for p in dwarf.children(c) if p.tag == "call-parameter"
                                        and dwarf.expression(p, "location")
                                        == bytes([0x50 + register])), VARIES)
        else:
            _collect(dwarf, c, register, places, calls)


def _is_at(call, places):
    """Whether a call, whose entry has the address behind it, is at one of some places."""
    section, behind = call.get("call-return") or call.get("address") or (None, 0)
    return section is None or any(section == s and 0 < behind - offset <= LONGEST
                                  for s, offset in places)


def _constant(code):
    if len(code) == 1 and 0x30 <= code[0] < 0x50:
        return code[0] - 0x30
    if len(code) == 2 and code[0] == 0x08:
        return code[1]
    return VARIES
