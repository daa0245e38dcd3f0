# SPDX-License-Identifier: GPL-2.0-only
"""Pairs of a small module for the gate: kinds of debug info, and changes that abidw misses.

The module is one source and one header, compiled twice by the host's gcc. A case has edits of the
new side or of both, and the expected exit code and words of the report.
"""
import os
import re
import shutil

import abi.pair
import abi.report
from abi.kdir import ABI_BUILD
from lib.common import CannotRun, run

HEADER = """
#ifndef API_H
#define API_H
enum lane { LANE_UP, LANE_DOWN };
enum { BURST = 4, DEPTH = 8 };
struct sample { unsigned long long at; unsigned int first; unsigned int second; };
struct gate_ops { int (*open)(void *dev, enum lane lane); void (*close)(void *dev); };
struct port { const struct gate_ops *ops; struct sample last; enum lane lane;
	unsigned int speed:3; unsigned int duplex:1; _Bool up; char name[16]; };
int port_add(struct port *port);
struct sample *port_last(struct port *port);
extern int port_debug;
#endif
"""
SOURCE = r"""
#include "api.h"
#define EXPORT(s) asm(".section \"__ksymtab_strings\",\"aMS\",%progbits,1\n" \
	"__kstrtab_" #s ": .asciz \"" #s "\"\n__kstrtabns_" #s ": .asciz \"\"\n.previous\n" \
	".section \"___ksymtab+" #s "\",\"a\"\n.balign 4\n__ksymtab_" #s ":\n" \
	".long " #s " - ., __kstrtab_" #s " - ., __kstrtabns_" #s " - .\n.previous\n");
#define INFO(n, text) static const char n[] __attribute__((used, section(".modinfo"))) = text;
INFO(info1, "license=GPL")
INFO(info2, "vermagic=6.12.1 SMP mod_unload ")
INFO(info3, "name=port")
int port_debug;
EXPORT(port_debug)
int port_add(struct port *port) { return port->ops->open(port, port->lane); }
EXPORT(port_add)
struct sample *port_last(struct port *port) { return &port->last; }
EXPORT(port_last)
"""
SWAP = ("unsigned int first; unsigned int second;", "unsigned int second; unsigned int first;")
TWIN = ("extern __typeof(port_add) port_twin __attribute__((alias(\"port_add\")));\n"
        "EXPORT(port_twin)\n")
OPAQUE = ("struct hole;\nint port_hole(struct hole *hole);\n"
          "int port_hole(struct hole *hole) { return !hole; }\nEXPORT(port_hole)\n")
HIDDEN = ("static int hidden(struct port *port) { return port->lane; }\n"
          "extern __typeof(hidden) port_alias __attribute__((alias(\"hidden\")));\n"
          "EXPORT(port_alias)\n")
ASSEMBLER = ("int port_asm(void);\nasm(\".text\\n.globl port_asm\\n.type port_asm,@function\\n"
             "port_asm: ret\\n.size port_asm,1\\n\");\nEXPORT(port_asm)\n")
LOAD = ("__attribute__((section(\".data.hot\"))) int port_load = 1;\n"
        "EXPORT(port_load)\n")
LOCK = "struct lock_class_key { } port_key;\n"


class Case:
    """flags: of both sides. edit, flip: (from, to) in header and source of the new side, of both.
    more: appended to the source. after: a command on the finished module."""

    def __init__(self, code, *words, flags="-g", edit=None, flip=None, more="", after=None,
                 assembly=None, headers="include", new_only=False):
        self.code, self.words, self.flags, self.edit, self.flip = code, words, flags, edit, flip
        self.more, self.after, self.assembly = more, after, assembly
        self.headers, self.new_only = headers, new_only


CHANGED = "struct sample: members in another order"
CASES = {
    "same": Case(0, "abi-check: same", "exports 3 of 3 typed, public types 4 of 4"),
    "swapped": Case(1, CHANGED, edit=SWAP),
    "g1": Case(2, "no type of export port_add", flags="-g1", edit=SWAP),
    "g1-new": Case(2, "no type of export port_add", flags="-g1", new_only=True),
    "zlib": Case(1, CHANGED, flags="-g -gz=zlib", edit=SWAP),
    "zstd": Case(1, CHANGED, edit=SWAP,
                 after=["objcopy", "--compress-debug-sections=zstd"]),
    "dwarf4": Case(1, CHANGED, flags="-gdwarf-4", edit=SWAP),
    "split": Case(2, "split debug info", flags="-g -gsplit-dwarf", edit=SWAP),
    "baseonly": Case(2, "none of the 4 types", flags="-g -femit-struct-debug-baseonly", edit=SWAP),
    "opaque": Case(2, "struct hole of the public headers has no definition", more=OPAQUE,
                   flip=("^enum lane",
                         "#ifdef USER\nstruct hole {\n int a; };\n#endif\nenum lane")),
    "dwz": Case(2, ".gnu_debugaltlink", edit=SWAP,
                after=["objcopy", "--add-section", ".gnu_debugaltlink=/dev/null"]),
    "rust": Case(2, "written in Rust",
                 assembly=(r"\.byte\s+0x1d(\s+# DW_AT_language)", r".byte 0x1c\1")),
    "wrong-headers": Case(2, "is it the right folder of headers?", edit=SWAP, headers="other"),
    "alias": Case(1, CHANGED, "port_twin", "exports 4 of 4 typed", more=TWIN, edit=SWAP),
    "alias-of-static": Case(1, CHANGED, "port_alias", "exports 4 of 4 typed", more=HIDDEN,
                            edit=SWAP),
    "assembler": Case(2, "no type of export port_asm", "exports 3 of 4 typed", more=ASSEMBLER),
    "assembler-and-change": Case(1, "abi-check: changed\nnot read: ", "port_asm", CHANGED,
                                 more=ASSEMBLER, edit=SWAP),
    "no-exports": Case(1, CHANGED, "exports 0 of 0 typed",
                       flip=(r"^EXPORT\(.*\)$", ""), edit=SWAP),
    "lockdep": Case(2, "configured differently: lockdep (0 and 8 bytes)", more=LOCK,
                    edit=("lock_class_key { }", "lock_class_key { long a; }")),
    "randstruct": Case(2, "configured differently: 'SMP mod_unload' and 'SMP mod_unload RAND",
                       edit=("mod_unload ", "mod_unload RANDSTRUCT_1234 ")),
    "bit-field-wider": Case(1, "struct port: member speed bit-field width 3 -> 4",
                            edit=("speed:3", "speed:4")),
    "bool-to-bit": Case(1, "struct port: member up became a bit-field, 1 wide",
                        edit=("_Bool up;", "_Bool up:1;")),
    "aligned-type": Case(1, "struct sample: alignment default -> 8 bytes",
                         edit=("second; };", "second; } __attribute__((aligned(8)));")),
    "aligned-member": Case(1, "struct port: member lane aligned to 8 instead of default bytes",
                           edit=("last; enum lane lane;",
                                 "last; enum lane lane __attribute__((aligned(8)));")),
    "anonymous-enum": Case(1, "constant DEPTH: 8 -> 9", "constants 2",
                           more="int depth(int i);\nint depth(int i) { return i == DEPTH; }\n",
                           edit=("DEPTH = 8", "DEPTH = 9")),
    "const-variable": Case(1, "export port_debug: has another type", "-const int port",
                           flip=("int port_debug", "int const port_debug"),
                           edit=("int const port_debug", "int port_debug")),
    "renamed-module": Case(1, "module port: renamed to dock", edit=("name=port", "name=dock")),
    "per-cpu-variable": Case(1, "export port_load: moved from data to per-CPU data", more=LOAD,
                             edit=(".data.hot", ".data..percpu")),
    "added-type": Case(0, "abi-check: same",
                       edit=("enum lane {", "struct more { int a; };\nenum lane {")),
}


def build(folder, case, new):
    """The module of one side."""
    os.makedirs(os.path.join(folder, "include"))
    os.makedirs(os.path.join(folder, "other"))
    header, source = HEADER, SOURCE + case.more
    if case.flip:
        header, source = (re.sub(*case.flip, t, flags=re.M) for t in (header, source))
    if case.edit and new:
        before = header + source
        header, source = (t.replace(*case.edit) for t in (header, source))
        if header + source == before:
            raise CannotRun(f"nothing in the module matches {case.edit[0]}")
    files = {"include/api.h": header, "mod.c": source,
             "other/other.h": "struct foreign { int a; };\n"}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    flags = case.flags if new or not case.new_only else "-g"
    gcc = ["gcc", *flags.split(), "-O1", "-Iinclude"]
    if case.assembly:
        run([*gcc, "-dA", "-S", "mod.c"], cwd=folder)
        with open(os.path.join(folder, "mod.s")) as f:
            text, n = re.subn(*case.assembly, f.read())
        if not n:
            raise CannotRun(f"the assembly has nothing that matches {case.assembly[0]}")
        with open(os.path.join(folder, "mod.s"), "w") as f:
            f.write(text)
    run([*gcc, "-c", "mod.s" if case.assembly else "mod.c", "-o", "mod.o"], cwd=folder)
    run(["ld", "-r", "mod.o", "-o", "port.ko"], cwd=folder)
    if case.after:
        run([*case.after, "port.ko"], cwd=folder)
    return os.path.join(folder, "port.ko")


def judge(name):
    """None, or how the gate's report on a case differs from the expected one."""
    case, top = CASES[name], os.path.join(ABI_BUILD, "pairs", name)
    shutil.rmtree(top, ignore_errors=True)
    old, new = (build(os.path.join(top, side), case, side == "new") for side in ("old", "new"))
    try:
        result = abi.pair.check_pair(old, new, os.path.join(top, "old", case.headers))
        code, text = abi.report.CODES[result.verdict()], abi.report.text([result])
    except CannotRun as e:
        code, text = 2, str(e)
    missing = [w for w in case.words if w not in text]
    if code == case.code and not missing:
        return None
    return f"exit {code}, expected {case.code}; missing: {missing}\n{text}"
