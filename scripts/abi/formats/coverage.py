# SPDX-License-Identifier: GPL-2.0-only
"""The parts of an interface and how the gate compares them: the table of Documentation/abi.rst.

Each row names seeded changes of abi/mutations.conf; scripts/tests/gate/test_abi_coverage.py fails
for a row that no seeded change proves.
"""
from lib.rst import simple_table

YES, NO = "yes", "no"
# part, our modules with a probe, any two builds, seeded changes
ROWS = (
    ("exports: presence, licence class, namespace", YES, YES,
     "export-removed export-made-gpl port-export-*"),
    ("signature of an export", YES, YES, "parameter-* return-type port-signature-*"),
    ("type and size of an exported variable", YES, YES, "port-variable-*"),
    ("registers in which an export takes its parameters", YES, YES, "port-calling-convention"),
    ("section of an export (data, per-CPU, code, init)", YES, YES,
     "variable-made-per-cpu port-section-* port-function-in-*"),
    ("aliases of exports", YES, YES, "port-alias*"),
    ("noreturn of an export, sign of char", YES, YES, "port-no-longer-noreturn port-signed-char"),
    ("CRC, and the private type behind another one", YES, YES, "crc-alone port-crc-*"),
    ("structs, unions: members, offsets, sizes", "all public ones", "those in the debug info",
     "member-* port-type-* port-unnamed-* typedef-of-a-struct struct-packed-in-front"),
    ("bit-fields, byte order, bool against bool:1", YES, YES,
     "bit-field-wider bool-made-a-bit port-type-bit-* port-type-big-endian"),
    ("alignment, also where it moves no member", YES, "``__aligned``, not ``__packed``",
     "packed-* aligned-* port-type-aligned-*"),
    ("enums: values and size, also without a name", YES, "those in the debug info",
     "enum-* anonymous-enum* port-type-enum-* port-type-nested-enum* port-constant-*"),
    ("typedefs, their alignment too", YES, YES,
     "port-type-typedef-* port-typedef-* callback-typedef"),
    ("integer constants", "by value", NO, "constant uapi-constant macro-sizeof"),
    ("other macros: strings, ioctl numbers, functions", "by expansion", NO, "macro-*"),
    ("inline functions: presence and signature", YES, NO, "inline-*"),
    ("declaration of an export in the public headers", YES, NO, "prototype-removed"),
    ("attributes of declarations that change code or a layout", YES, NO, "header-attribute-*"),
    ("calling convention of a callback", YES, "clang's debug info",
     "header-attribute-callback port-callback-calling-convention"),
    ("sysfs attributes: name, group, mode, format", "those linked into a group",
     "those linked into a group", "sysfs-* attribute* port-attribute-*"),
    ("is_visible of an attribute group", "presence, modes", "presence, modes",
     "attributes-no-longer-hidden port-attribute-visible-mode"),
    ("uevents: action, variables", "those of kobject_uevent()", "those of kobject_uevent()",
     "uevent-text port-uevent-*"),
    ("name, licence, aliases, soft and weak dependencies, firmware", YES, YES,
     "module-alias module-renamed soft-dependency port-modinfo-* port-modinfo-of-*"),
    ("whether a module can be unloaded", YES, YES, "port-modinfo-of-exit"),
    ("parameters: type and mode", YES, YES, "module-parameter* port-modinfo-parameter-*"),
    ("headers for user space", YES, NO, "uapi-*"),
    ("exports of the kernel itself, in vmlinux", NO, "types by BTF, licence, CRC",
     "port-kernel-*"),
    ("exports of the kernel itself, in Module.symvers", NO, "presence, licence, CRC", ""),
    ("function bodies, default values of parameters", NO, NO, ""),
    ("files of debugfs and procfs, ioctl handlers", NO, NO, ""),
    ("C++, Rust and 32-bit modules, bitcode", NO, "could not run", ""),
)


# kind of debug info, the answer about a changed member, seeded changes
READ, NOT_READ = "read", "could not run"
KINDS = (
    ("DWARF 4 and 5 of gcc and clang, at -O1 and -O2", READ, "port-swapped-*"),
    ("sections compressed with zlib or zstd", READ, "port-swapped-zlib port-swapped-zstd"),
    (".dwo files (CONFIG_DEBUG_INFO_SPLIT), by the module or where they were made", READ,
     "port-split-gcc* port-split-clang* port-split-s390 port-split-arm64"),
    (".dwo files that are missing or of another build", NOT_READ,
     "port-split-and-lost port-split-of-another-build"),
    ("BTF of a kernel, or its DWARF by pahole", READ, "port-kernel-BTF-* port-kernel-DWARF-*"),
    ("supplementary file of dwz", NOT_READ, "port-dwz port-kernel-dwz"),
    ("types in sections of their own (-fdebug-types-section)", NOT_READ,
     "port-no-types-types-section port-split-types-section"),
    ("lines only (-g1), base types only, none", NOT_READ,
     "port-no-types-g1 port-no-types-baseonly port-no-types-g0"),
)


def table():
    """The table of the parts as reStructuredText."""
    return simple_table([("compared", "our modules, by a probe", "any two builds of a module"),
                         *(r[:3] for r in ROWS)])


def kinds():
    """The table of the kinds of debug info."""
    return simple_table([("debug info", "answer"), *(r[:2] for r in KINDS)])


if __name__ == "__main__":
    print(table(), kinds(), sep="\n", end="")
