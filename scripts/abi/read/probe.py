# SPDX-License-Identifier: GPL-2.0-only
"""A probe for what no export mentions: a module, built and never installed, with one exported function for each struct, union,
enum, integer constant and inline function of a header. A struct that only an inline uses has an effect on every driver, and
none on the exports; libabigail sees it through the probe.
"""
import os
import re

# older public headers lean on what their users have included before them
KERNEL_PROLOGUE = "#include <linux/module.h>\n#include <linux/device.h>\n#include <linux/uuid.h>\n"
KERNEL_EPILOGUE = 'MODULE_DESCRIPTION("probe of the ABI gate, never installed");\nMODULE_LICENSE("GPL");\n'
HEADER = "probe.h"


def _uncommented(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def names(header):
    """What a header defines at its outermost level: {kind: [names]}."""
    with open(header) as f:
        text = _uncommented(f.read()).replace("\\\n", " ")
    found = {"struct": re.findall(r"^struct\s+(\w+)\s*\{", text, re.M), "union": re.findall(r"^union\s+(\w+)\s*\{", text, re.M),
             "enum": re.findall(r"^enum\s+(\w+)\s*\{", text, re.M)}
    found["typedef"] = re.findall(r"^typedef\s[^;{]*?\b(\w+)\s*;", text, re.M)
    found["constant"] = [n for n, value in re.findall(r"^#[ \t]*define[ \t]+(\w+)[ \t]+(\S[^\n]*)$", text, re.M)
                         if not re.match(r'"|do\b|if\b|__attribute__|struct\b|static\b', value.strip()) and _integer_like(value)]
    found["inline"] = re.findall(r"^static\s+(?:__always_)?inline\s[^;{}()]*?\b(\w+)\s*\(", text, re.M)
    return found


def _integer_like(value):
    """A constant expression: numbers, names of other constants, calls of macros such as _IO and BIT."""
    value = value.strip()
    return bool(re.fullmatch(r"[\w\s()+\-*/|&~<>,]+", value)) and bool(re.search(r"\d|^\(?[A-Z_][A-Z0-9_]*\b", value))


def source(headers, include_as, kernel):
    """Text of the probe's header (what it declares) and of its source."""
    declared, code = ["/* generated from the public headers */"], []
    code += [KERNEL_PROLOGUE if kernel else "", *(f"#include <{i}>\n" for i in include_as), f'#include "{HEADER}"\n\n']

    def export(name, parameter):
        declared.append(f"void {name}({parameter});")
        code.append(f"void {name}({parameter})\n{{\n}}\n" + (f"EXPORT_SYMBOL({name});\n" if kernel else ""))

    for header in headers:
        found = names(header)
        for kind in ("struct", "union", "enum"):
            for n in found[kind]:
                export(f"abi_{kind}_{n}", f"{kind} {n} *arg")
        for n in found["typedef"]:
            export(f"abi_typedef_{n}", f"{n} *arg")
        for n in found["constant"]:
            # an enum of its own: one that joins them would change whenever a constant is added
            declared.append(f"enum abi_constant_{n} {{ abi_value_{n} = {n} }};")
            export(f"abi_constant_{n}", f"enum abi_constant_{n} *arg")
        for n in found["inline"]:
            export(f"abi_inline_{n}", f"__typeof__(&{n}) arg")
    if kernel:
        code.append(KERNEL_EPILOGUE)
    return "\n".join(declared) + "\n", "".join(code)


def write(folder, headers, include_as, kernel=True):
    """Write the probe into a folder, each file only when it differs."""
    os.makedirs(folder, exist_ok=True)
    declared, code = source(headers, include_as, kernel)
    files = {HEADER: declared, "abi_probe.c": code}
    if kernel:
        # gcc would make all these empty functions one, and the others names for it, without types
        files["Makefile"] = "ccflags-y += -fno-ipa-icf\nobj-m += abi_probe.o\n"
    for name, text in files.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path) or open(path).read() != text:
            with open(path, "w") as f:
                f.write(text)
