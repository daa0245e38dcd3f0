# SPDX-License-Identifier: GPL-2.0-only
"""The parts of an interface and how the gate compares them: the table of Documentation/abi.rst.

Each row names seeded changes of abi/mutations.conf; scripts/tests/gate/test_abi_coverage.py fails
for a row that no seeded change proves.
"""
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


def table():
    """The table as reStructuredText."""
    rows = [("compared", "our modules, by a probe", "any two builds of a module"),
            *(r[:3] for r in ROWS)]
    widths = [max(len(r[i]) for r in rows) for i in range(3)]
    rule = "  ".join("=" * w for w in widths)
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip() for r in rows]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule]) + "\n"


if __name__ == "__main__":
    print(table(), end="")
